/** Who may post reviews, where the API server authenticates itself by a certificate. */
import type { IncomingMessage } from "node:http";
import { TLSSocket, type PeerCertificate } from "node:tls";

/**
 * A check of the client's certificate, which TLS has verified against the client CA already.
 * @param names common names; empty allows every certificate of the CA
 */
export function allowClients(names: readonly string[]): (request: IncomingMessage) => boolean {
  if (names.length === 0) return () => true;
  const allowed = new Set(names);
  return ({ socket }) => socket instanceof TLSSocket && commonNames(socket).some((name) => allowed.has(name));
}

function commonNames(socket: TLSSocket): readonly string[] {
  // Node gives an object without a subject when there is no certificate.
  const { subject } = socket.getPeerCertificate() as Partial<PeerCertificate>;
  return [subject?.CN ?? []].flat();
}
