/** Signatures as AWS' own library makes them. */
import { createHash, createHmac } from "node:crypto";
import { SignatureV4 } from "@smithy/signature-v4";

import type { AwsCredentials, UnsignedCall } from "../../src/aws/signature.ts";

type Sign = (request: object, options: object) => Promise<{ readonly headers: Readonly<Record<string, string>> }>;

class Sha256 {
  readonly #hash;
  constructor(secret?: unknown) {
    this.#hash = secret === undefined ? createHash("sha256") : createHmac("sha256", secret as string);
  }
  update(data: Uint8Array | string): void {
    this.#hash.update(data);
  }
  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }
  reset(): void {}
}

/** The headers that AWS' library sends. */
export async function signedByAws(
  call: UnsignedCall,
  credentials: AwsCredentials,
): Promise<Readonly<Record<string, string>>> {
  const { url, headers, body, service, region, time } = call;
  const { sessionToken, ...identity } = credentials;
  const signer = new SignatureV4({
    service,
    region,
    credentials: sessionToken === undefined ? identity : { ...identity, sessionToken },
    sha256: Sha256,
    applyChecksum: false,
  });
  const request = {
    method: "POST",
    protocol: url.protocol,
    hostname: url.hostname,
    path: url.pathname,
    headers: { ...headers, host: url.host },
    body,
  };
  const signed = await (signer.sign.bind(signer) as Sign)(request, { signingDate: new Date(time) });
  return signed.headers;
}
