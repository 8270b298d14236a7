/** The API server as a store, by what it answers; against a real one: e2e/test/embedded.test.ts. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { isFetchFailure } from "@pod-secrets/secret-fetch/stores";
import { afterEach, beforeEach, expect, onTestFinished, test } from "vitest";

import { encodedName } from "../src/scope.ts";
import { openStore } from "../src/stores/open-store.ts";
import { storeKind } from "../src/stores/kinds.ts";
import type { Store } from "../src/stores/store.ts";

const NAME = { organization: "flyte", domain: "d", project: "p", key: "token" };
const DATA_KEY = encodedName(NAME);
const NOT_FOUND = { kind: "Status", apiVersion: "v1", status: "Failure", reason: "NotFound", code: 404 };

let server: Server;
let folder: string;
let store: Store;
let requests: IncomingMessage[];
let answer: { readonly status: number; readonly body: unknown };

beforeEach(async () => {
  requests = [];
  folder = mkdtempSync(join(tmpdir(), "service-account-"));
  writeFileSync(join(folder, "token"), "t0ken\n");
  server = createServer((request, response) => {
    requests.push(request);
    response.writeHead(answer.status, { "content-type": "application/json" });
    response.end(typeof answer.body === "string" ? answer.body : JSON.stringify(answer.body));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const settings = { namespace: "vault", server: address, tokenFile: join(folder, "token"), caFile: "/none" };
  store = await openStore(storeKind("k8s", settings, {}), 1000, () => performance.now());
});

afterEach(async () => {
  store.close();
  rmSync(folder, { recursive: true });
  await new Promise((resolve) => {
    server.close(resolve);
  });
});

test("an API server below a path, such as that of a proxy, is asked below it", async () => {
  answer = { status: 200, body: { kind: "Secret", data: { [DATA_KEY]: "" } } };
  const { port } = server.address() as AddressInfo;
  const settings = {
    server: `http://127.0.0.1:${port}/clusters/a/`,
    tokenFile: join(folder, "token"),
    caFile: "/none",
  };
  const proxied = await openStore(storeKind("k8s", settings, {}), 1000, () => performance.now());
  onTestFinished(() => proxied.close());
  await proxied.read(NAME, new AbortController().signal);
  expect(requests[0]?.url).toMatch(/^\/clusters\/a\/api\/v1\/namespaces\/flyte\/secrets\//);
});

function read(): Promise<Uint8Array | undefined> {
  return store.read(NAME, new AbortController().signal);
}

test("the value of the Secret's one key is read with the token of the service account", async () => {
  answer = { status: 200, body: { kind: "Secret", data: { [DATA_KEY]: "AAH/" } } };

  expect(await read()).toEqual(Buffer.from([0, 1, 255]));
  expect(requests.map(({ method, url }) => `${method} ${url}`)).toEqual([
    expect.stringMatching(/^GET \/api\/v1\/namespaces\/vault\/secrets\/[0-9a-f]{32}$/),
  ]);
  expect(requests[0]?.headers.authorization).toBe("Bearer t0ken");
});

test("a token that the kubelet replaced is used", async () => {
  answer = { status: 404, body: NOT_FOUND };
  await read();
  writeFileSync(join(folder, "token"), "another");
  await read();

  expect(requests.map(({ headers }) => headers.authorization)).toEqual(["Bearer t0ken", "Bearer another"]);
});

test("there is none when the API server says so, and nobody else", async () => {
  answer = { status: 404, body: NOT_FOUND };
  expect(await read()).toBeUndefined();

  answer = { status: 404, body: "<html>404 page not found</html>" };
  await expect(read()).rejects.toMatchObject({ kind: "invalid-answer" });
});

test.each([
  [401, "unauthenticated"],
  [403, "denied"],
  [429, "throttled"],
  [500, "unavailable"],
  [503, "unavailable"],
  [302, "invalid-answer"],
])("HTTP %i is %s", async (status, kind) => {
  answer = { status, body: { kind: "Status", reason: "Forbidden" } };
  await expect(read()).rejects.toMatchObject({ kind });
});

test.each([
  ["no JSON", "<html>", "invalid-answer"],
  ["another object", { kind: "ConfigMap", data: { [DATA_KEY]: "YQ==" } }, "invalid-answer"],
  ["a Secret without data", { kind: "Secret" }, "unusable-value"],
  ["a Secret with another key", { kind: "Secret", data: { other: "czNjcjN0" } }, "unusable-value"],
  ["a value that is no base64", { kind: "Secret", data: { [DATA_KEY]: "s3cr3t!" } }, "unusable-value"],
])("an answer with %s is a failure that holds no value", async (_what, body, kind) => {
  answer = { status: 200, body };
  const error: unknown = await read().catch((thrown: unknown) => thrown);

  expect(isFetchFailure(error) && error.kind).toBe(kind);
  expect(String(error)).not.toMatch(/s3cr3t|czNjcjN0/);
});

test("a webhook without a token has no identity", async () => {
  rmSync(join(folder, "token"));
  await expect(read()).rejects.toMatchObject({ kind: "unauthenticated" });
  expect(requests).toEqual([]);
});
