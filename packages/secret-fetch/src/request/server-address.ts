/** What the address of a server may be, for the program and for whoever configures it. */

/** Scheme, host, and at most a port and a plain path. */
export function isServerUrl(text: string): boolean {
  const url = URL.parse(text);
  if (url === null || (url.protocol !== "https:" && url.protocol !== "http:")) return false;
  if (url.username !== "" || url.password !== "" || /[?#]/.test(text)) return false;
  return /^[A-Za-z0-9/_.~-]*$/.test(url.pathname);
}

/** Whether nobody on the way reads what goes to a server: by TLS, or because it is the machine itself. */
export function isPrivateWay({ protocol, hostname }: URL): boolean {
  return protocol === "https:" || hostname === "localhost" || hostname === "[::1]" || LOOPBACK.test(hostname);
}

const LOOPBACK = /^127(\.[0-9]{1,3}){3}$/;

/**
 * Where the metadata server of Google Cloud listens ("About VM metadata"), always in the clear: packets to it do not
 * leave the node.
 */
export const GOOGLE_METADATA_HOSTS: ReadonlySet<string> = new Set([
  "metadata.google.internal",
  "169.254.169.254",
  "[fd20:ce::254]",
]);
