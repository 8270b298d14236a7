/** The certificate that the server presents, wherever it comes from. */
import type { LoadedCertificate } from "./certificate.ts";
import type { Wrong } from "./certificate-check.ts";
import type { CertificateWatch } from "./certificate-watch.ts";
import type { RotationState } from "./managed/rotation-record.ts";

/** What is told of later certificates. */
export type CertificateEvents = Pick<CertificateWatch, "onChange" | "onProblem" | "signal" | "clock">;

export interface ServingCertificate {
  readonly first: LoadedCertificate;
  /**
   * Reports each new certificate.
   * @returns looks at once
   */
  watch(events: CertificateEvents): () => void;
  /**
   * Resolves when it is for the name by which the API server calls; a managed one is from the start, or soon.
   * @param tell gets what is wrong with it as it is
   */
  fits(tell: (wrong: Wrong) => void): Promise<void>;
  /** PEM of the CAs by which the API server is to know it, as it is now; nothing where none is known. */
  bundle(): Promise<string | undefined>;
  /** Where its rotation stands, if it is rotated here. */
  readonly rotation?: () => RotationState;
  /** To be called when the process is about to end, and still serves. */
  retire(): void;
  /** To be called when it is no longer served. */
  close(): Promise<void>;
}
