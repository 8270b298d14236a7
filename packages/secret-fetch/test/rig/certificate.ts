/** Certificates for servers of tests. */
// First on purpose: the X.509 library throws at import without it.
import "reflect-metadata";

import { PemConverter, SubjectAlternativeNameExtension, X509CertificateGenerator } from "@peculiar/x509";

import type { ServerIdentity } from "./loopback-server.ts";

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
const DAY = 86_400_000;

/** What the certificate says. */
export interface CertificateFacts {
  /** IP address that it is for. */
  readonly address?: string;
  /** Days from now until it ends; it began two days ago. */
  readonly days?: number;
}

/** Signed by itself: it is its own authority. */
export async function selfSigned({ address = "127.0.0.1", days = 1 }: CertificateFacts = {}): Promise<ServerIdentity> {
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: "01",
    name: "CN=test",
    notBefore: new Date(Date.now() - 2 * DAY),
    notAfter: new Date(Date.now() + days * DAY),
    signingAlgorithm: ALGORITHM,
    keys,
    extensions: [new SubjectAlternativeNameExtension([{ type: "ip", value: address }])],
  });
  const key = PemConverter.encode(await crypto.subtle.exportKey("pkcs8", keys.privateKey), "PRIVATE KEY");
  return { key, cert: certificate.toString("pem") };
}
