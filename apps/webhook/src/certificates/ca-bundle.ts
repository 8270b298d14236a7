/** The CAs that clients are to trust, as `ca.crt` and `caBundle` hold them: PEM certificates, one after the other. */
import { X509Certificate } from "node:crypto";

import { attempt } from "./certificate-check.ts";

export interface TrustedCa {
  /** PEM, with a newline at the end. */
  readonly pem: string;
  /** Milliseconds since 1970. */
  readonly expires: number;
}

/** A bundle has at most four CAs; no certificate that clients take has 8 kB. */
const BLOCK = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]{1,16000}-----END CERTIFICATE-----/g;
const MAX_BLOCKS = 16;

/** The certificates of CAs in a text, each once; whatever else it holds is left out. */
export function readBundle(text: string): readonly TrustedCa[] {
  const blocks = [...text.matchAll(BLOCK)].slice(0, MAX_BLOCKS);
  const cas = blocks.flatMap(([block]) => readCa(block));
  return [...new Map(cas.map((ca) => [ca.pem, ca])).values()];
}

function readCa(block: string): readonly TrustedCa[] {
  const certificate = attempt(() => new X509Certificate(block));
  if (certificate === undefined || !certificate.ca) return [];
  return [{ pem: certificate.toString(), expires: certificate.validToDate.getTime() }];
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
