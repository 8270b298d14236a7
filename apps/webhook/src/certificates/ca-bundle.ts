/** The CAs that clients are to trust, as `ca.crt` and `caBundle` hold them: PEM certificates, one after the other. */
import { X509Certificate } from "node:crypto";

import { attempt } from "./certificate-check.ts";

export interface TrustedCa {
  /** PEM, with a newline at the end. */
  readonly pem: string;
  /** Milliseconds since 1970, as `expires`. */
  readonly starts: number;
  readonly expires: number;
}

/** A bundle has at most four CAs; no certificate that clients take has 8 kB. */
const BLOCK = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]{1,16000}-----END CERTIFICATE-----/g;
const MAX_BLOCKS = 16;

/** The certificates in a text, as many as one may send or trust; whatever else it holds is left out. */
export function certificatesIn(text: string): readonly X509Certificate[] {
  const blocks = [...text.matchAll(BLOCK)].slice(0, MAX_BLOCKS);
  return blocks.flatMap(([block]) => attempt(() => new X509Certificate(block)) ?? []);
}

/** The certificates of CAs in a text, each once. */
export function readBundle(text: string): readonly TrustedCa[] {
  const cas = certificatesIn(text).filter(({ ca }) => ca);
  return [...new Map(cas.map((ca) => [ca.toString(), trusted(ca)])).values()];
}

function trusted(ca: X509Certificate): TrustedCa {
  return { pem: ca.toString(), starts: ca.validFromDate.getTime(), expires: ca.validToDate.getTime() };
}

export function writeBundle(cas: readonly TrustedCa[]): string {
  return cas.map(({ pem }) => pem).join("");
}

/** The CA that signed a certificate. */
export function issuerOf(leaf: X509Certificate, cas: readonly TrustedCa[]): TrustedCa | undefined {
  return cas.find(({ pem }) => {
    const ca = new X509Certificate(pem);
    return leaf.checkIssued(ca) && leaf.verify(ca.publicKey);
  });
}
