/** Whether a certificate is for the name by which the API server calls, as Go's crypto/x509 looks at it. */
import { X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import { quoted } from "@pod-secrets/core";

import type { ServerCertificate } from "./certificate.ts";
import { attempt, wrong, type Wrong } from "./certificate-check.ts";
import { certifiedNames } from "./name.ts";

/** Names in a message. */
const MOST_NAMES = 8;

/**
 * @param host a DNS name or an IP address
 * @param file how the message calls the certificate
 * @returns nothing when it is for that name
 */
export function misfit({ certificate }: ServerCertificate, host: string, file: string): Wrong | undefined {
  const leaf = attempt(() => new X509Certificate(certificate));
  if (leaf === undefined || isFor(leaf, host)) return undefined;
  const names = certifiedNames(leaf);
  const found = names.slice(0, MOST_NAMES).map((name) => quoted(name, 253));
  const more = names.length > MOST_NAMES ? ` and ${names.length - MOST_NAMES} more` : "";
  const instead = names.length === 0 ? "for no name" : `for ${found.join(", ")}${more}`;
  return wrong(
    `${file} is not for ${quoted(host, 253)}, by which the API server is to call this webhook, but ${instead}`,
    `Issue it for the name ${host}, or correct \`registration.service\`, \`registration.url\` or \`kubernetes.namespace\`.`,
  );
}

/** The common name counts for nothing, and `*` only as a whole label (Go 1.25, `VerifyHostname`). */
function isFor(leaf: X509Certificate, host: string): boolean {
  if (isIP(host) !== 0) return leaf.checkIP(host) !== undefined;
  return leaf.checkHost(host, { subject: "never", partialWildcards: false }) !== undefined;
}
