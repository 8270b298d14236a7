/** Confidant mostly has a certificate of the company's own authority, which AWS has not. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, onTestFinished, test } from "vitest";

import { selfSigned } from "../../rig/certificate.ts";
import { serveLoopback, type Answer, type LoopbackServer, type ServerIdentity } from "../../rig/loopback-server.ts";
import { temporaryFolder } from "../../rig/volume.ts";
import { documentWith, provider, signal } from "./rig.ts";

const DB = { credential: "db", key: "password" };
const ENV = { AWS_ACCESS_KEY_ID: "AKID", AWS_SECRET_ACCESS_KEY: "secret", AWS_REGION: "eu-west-1" };

let confidant: LoopbackServer;
let kms: LoopbackServer;
let confidantCa: string;
let kmsCa: string;

beforeEach(async () => {
  [confidant, confidantCa] = await serveTls(
    (_request, response) => void response.end(documentWith(`{"password":"value"}`)),
  );
  [kms, kmsCa] = await serveTls((_request, response) => void response.end(`{"CiphertextBlob":"dG9rZW4="}`));
});

/** @returns the server, and the file of the authority that it is its own */
async function serveTls(answer: Answer): Promise<[LoopbackServer, string]> {
  const identity: ServerIdentity = await selfSigned();
  const server = await serveLoopback(answer, identity);
  onTestFinished(() => server.close());
  const caFile = join(temporaryFolder(), "ca.crt");
  writeFileSync(caFile, identity.cert);
  return [server, caFile];
}

function fetchWith(caFile: string | undefined, awsCaFile: string | undefined): Promise<Uint8Array> {
  const endpoints = { kms: kms.url.href };
  const auth = { method: "kmsauth", key: "alias/authnz", to: "confidant", endpoints, caFile: awsCaFile };
  const settings = { url: confidant.url.href, service: "orders", auth, caFile };
  return provider(settings, { env: ENV }).fetch(DB, signal);
}

test("each server is trusted by its own authority", async () => {
  await expect(fetchWith(confidantCa, kmsCa)).resolves.toEqual(new TextEncoder().encode("value"));
});

test.each([
  ["Confidant's certificate by the authority of KMS", () => fetchWith(kmsCa, kmsCa), () => confidant],
  ["KMS' certificate by the authority of Confidant", () => fetchWith(confidantCa, confidantCa), () => kms],
  ["Confidant's certificate by Node's authorities", () => fetchWith(undefined, kmsCa), () => confidant],
])("it does not take %s", async (_whose, fetched, server) => {
  await expect(fetched()).rejects.toMatchObject({ kind: "untrusted" });
  expect(server().requests).toEqual([]);
});
