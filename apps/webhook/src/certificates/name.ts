/** Names of certificates, in one form: the same address may be written in many. */
import { isIPv6 } from "node:net";

/** An IPv6 address as RFC 5952 writes it, and everything else in lower case. */
export function canonicalName(name: string): string {
  // One with a zone is no host of a URL, and stays.
  const host = isIPv6(name) ? URL.parse(`http://[${name}]`)?.hostname.slice(1, -1) : undefined;
  return host ?? name.toLowerCase();
}
