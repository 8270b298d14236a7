/** Whether a certificate and its key can be served, wherever they come from. */
import { createPrivateKey, X509Certificate } from "node:crypto";
import { createSecureContext } from "node:tls";

import type { LoadedCertificate, ServerCertificate } from "./certificate.ts";

export interface Wrong {
  readonly ok: false;
  readonly message: string;
  readonly fix: string;
}

export type CertificateRead = { readonly ok: true; readonly certificate: LoadedCertificate } | Wrong;

/** How messages call the two. */
export interface PairNames {
  readonly certificate: string;
  readonly key: string;
}

export const FIX_PEM = "Write the certificate and its key in PEM.";
const FIX_PAIR = "Take tls.crt and tls.key from the same issue of the certificate.";
const FIX_RENEW = "Renew the certificate, and check the clock of this machine.";

/**
 * Checks that the two belong together, and that the certificate is valid now.
 * @param now milliseconds since 1970
 */
export function checkPair(pair: ServerCertificate, names: PairNames, now: number): CertificateRead {
  const read = readPair(pair, names);
  if (!read.ok) return read;
  const { leaf } = read;
  const starts = leaf.validFromDate.getTime();
  const expires = leaf.validToDate.getTime();
  if (now < starts) return wrong(`${names.certificate} is not valid before ${iso(starts)}`, FIX_RENEW);
  if (now >= expires) return wrong(`${names.certificate} expired at ${iso(expires)}`, FIX_RENEW);
  return { ok: true, certificate: { ...pair, expires } };
}

export type PairRead = { readonly ok: true; readonly leaf: X509Certificate } | Wrong;

/** Checks all but the time. */
export function readPair(pair: ServerCertificate, names: PairNames): PairRead {
  const leaf = attempt(() => new X509Certificate(pair.certificate));
  if (leaf === undefined) return wrong(`${names.certificate} holds no certificate`, FIX_PEM);
  const key = attempt(() => createPrivateKey(pair.key));
  if (key === undefined) return wrong(`${names.key} holds no private key without a passphrase`, FIX_PEM);
  if (!leaf.checkPrivateKey(key)) return wrong(`${names.key} is not the key of ${names.certificate}`, FIX_PAIR);
  // OpenSSL has its own demands, such as a minimum key length.
  const context = attempt(() => createSecureContext({ cert: pair.certificate, key: pair.key }));
  if (context === undefined) return wrong(`${names.certificate} is not accepted for TLS`, FIX_PEM);
  return { ok: true, leaf };
}

/** @returns nothing when it throws: the text of a library may quote the key */
export function attempt<Result>(work: () => Result): Result | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}

export function wrong(message: string, fix: string): Wrong {
  return { ok: false, message, fix };
}

function iso(time: number): string {
  return new Date(time).toISOString();
}
