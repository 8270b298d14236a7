/** Whether the API server can trust a certificate by the CAs that are registered for it, as Go's crypto/x509 does. */
import type { X509Certificate } from "node:crypto";

import type { ServerCertificate } from "./certificate.ts";
import { certificatesIn, issuerOf, readBundle, type TrustedCa } from "./ca-bundle.ts";
import { wrong, type PairNames, type Wrong } from "./certificate-check.ts";

/**
 * @param bundle PEM of the CAs
 * @param names how the message calls the certificate, and the file of the CAs
 * @param now milliseconds since 1970
 * @returns nothing when one of them, valid now, signed it, or signed an intermediate one that is sent with it
 */
export function mistrust(
  { certificate }: ServerCertificate,
  bundle: string,
  names: Pick<PairNames, "certificate"> & { readonly ca: string },
  now: number,
): Wrong | undefined {
  const cas = readBundle(bundle);
  const chain = certificatesIn(certificate);
  const valid = cas.filter(({ starts, expires }) => starts <= now && now < expires);
  if (anchorOf(chain, valid) !== undefined) return undefined;
  const anchor = anchorOf(chain, cas);
  if (anchor === undefined) return wrong(`no CA in ${names.ca} signed ${names.certificate}`, FIX);
  const when = now < anchor.starts ? "is not valid before" : "expired at";
  const time = new Date(now < anchor.starts ? anchor.starts : anchor.expires).toISOString();
  return wrong(`the CA in ${names.ca} that signed ${names.certificate} ${when} ${time}`, FIX);
}

const FIX =
  "Take ca.crt and tls.crt from the same issue, or set `registration.caBundle: none` when another controller writes the bundle.";

/** Up the chain, from the server's own certificate. */
function anchorOf(chain: readonly X509Certificate[], cas: readonly TrustedCa[]): TrustedCa | undefined {
  let current = chain[0];
  for (let step = 0; current !== undefined && step < chain.length; step++) {
    const anchor = issuerOf(current, cas);
    if (anchor !== undefined) return anchor;
    const child: X509Certificate = current;
    current = chain.find((parent) => parent !== child && child.checkIssued(parent) && child.verify(parent.publicKey));
  }
  return undefined;
}
