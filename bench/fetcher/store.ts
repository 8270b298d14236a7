/** A store of twenty secrets, on 127.0.0.1, as the fetcher's request names it. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";

import type { ProviderUse } from "../../packages/secret-fetch/src/request.ts";
import { selfSigned } from "../../packages/secret-fetch/test/rig/certificate.ts";
import { serveLoopback } from "../../packages/secret-fetch/test/rig/loopback-server.ts";

export interface Store extends AsyncDisposable {
  readonly name: string;
  readonly provider: ProviderUse;
  /** What the container has in its environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly sourceOf: (secret: string) => Readonly<Record<string, unknown>>;
}

/** Names of the secrets that each store has. */
export const SECRETS: readonly string[] = Array.from({ length: 20 }, (_value, index) => `secret-${index}`);

export function valueOf(secret: string): string {
  return `value of ${secret}`;
}

/**
 * A server by TLS in this process, which answers at once as AWS Secrets Manager does: what the fetcher itself takes.
 * @param folder for its certificate
 */
export async function startStandIn(folder: string): Promise<Store> {
  const identity = await selfSigned();
  const caFile = join(folder, "ca.crt");
  writeFileSync(caFile, identity.cert);
  const server = await serveLoopback(({ body }, response) => {
    const { SecretId } = JSON.parse(body) as { SecretId: string };
    response.end(JSON.stringify({ Name: SecretId, SecretString: valueOf(SecretId) }));
  }, identity);
  const settings = { region: "us-east-1", endpoints: { secretsmanager: server.url.href }, caFile };
  return {
    name: "answers at once, TLS",
    provider: { use: "aws-secretsmanager", settings },
    env: { AWS_ACCESS_KEY_ID: "AKID", AWS_SECRET_ACCESS_KEY: "key" },
    sourceOf: (secretId) => ({ secretId }),
    [Symbol.asyncDispose]: () => server.close(),
  };
}
