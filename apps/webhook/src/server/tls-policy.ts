/** Which TLS is spoken: 1.3, and 1.2 with forward secrecy and authenticated encryption only. */
import { constants } from "node:crypto";
import type { TlsOptions } from "node:tls";

import type { ServerCertificate } from "../certificates/certificate.ts";

/** OpenSSL names; the API server's Go client offers all of them. */
const CIPHERS = [
  "TLS_AES_128_GCM_SHA256",
  "TLS_AES_256_GCM_SHA384",
  "TLS_CHACHA20_POLY1305_SHA256",
  "ECDHE-ECDSA-AES128-GCM-SHA256",
  "ECDHE-RSA-AES128-GCM-SHA256",
  "ECDHE-ECDSA-AES256-GCM-SHA384",
  "ECDHE-RSA-AES256-GCM-SHA384",
  "ECDHE-ECDSA-CHACHA20-POLY1305",
  "ECDHE-RSA-CHACHA20-POLY1305",
];

/** What holds for every connection, whatever the certificate. */
export const TLS_POLICY = {
  // The API server speaks HTTP/1.1 to webhooks (`pkg/util/webhook/client.go` of k8s.io/apiserver, 1.36).
  ALPNProtocols: ["http/1.1"],
} as const satisfies TlsOptions;

/**
 * Options of the secure context.
 * @param clientCa PEM of the CAs whose certificates clients must present
 */
export function secureContextOptions({ certificate, key }: ServerCertificate, clientCa?: string): TlsOptions {
  return {
    cert: certificate,
    key,
    minVersion: "TLSv1.2",
    ciphers: CIPHERS.join(":"),
    honorCipherOrder: true,
    secureOptions:
      constants.SSL_OP_NO_RENEGOTIATION |
      // A resumed session would skip the check of the client's certificate.
      (clientCa === undefined ? 0 : constants.SSL_OP_NO_TICKET),
    ...(clientCa === undefined ? {} : { ca: clientCa }),
  };
}
