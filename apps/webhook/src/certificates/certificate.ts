/** A certificate as a server presents it. */

/** PEM. */
export interface ServerCertificate {
  /** The leaf, and the intermediates up to the CA. */
  readonly certificate: string;
  readonly key: string;
}

/** One that can be served. */
export interface LoadedCertificate extends ServerCertificate {
  /** When the leaf ceases to be valid, in milliseconds since 1970. */
  readonly expires: number;
}
