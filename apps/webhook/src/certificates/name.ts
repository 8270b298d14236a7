/** Names of certificates, in one form: the same address may be written in many. */
import type { X509Certificate } from "node:crypto";
import { isIPv6 } from "node:net";

/** An IPv6 address as RFC 5952 writes it, and everything else in lower case. */
export function canonicalName(name: string): string {
  // One with a zone is no host of a URL, and stays.
  const host = isIPv6(name) ? URL.parse(`http://[${name}]`)?.hostname.slice(1, -1) : undefined;
  return host ?? name.toLowerCase();
}

/** A name of the grammar of DNS names, IPv4 and IPv6 addresses. */
const NAME = /^(DNS|IP Address):([A-Za-z0-9.:*-]{1,253})$/;

/** The DNS names and IP addresses that a certificate is for, in their canonical form. */
export function certifiedNames({ subjectAltName }: X509Certificate): readonly string[] {
  const entries = (subjectAltName ?? "").split(", ");
  return entries.flatMap((entry) => NAME.exec(entry)?.[2] ?? []).map(canonicalName);
}
