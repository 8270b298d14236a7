/** Calls of the API: what goes out, what comes back, and what a failure says. */
import { writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";

import { makeSelfSigned } from "../../src/certificates/self-signed.ts";
import {
  MUTATING_CONFIGURATIONS,
  mutatingConfigurationPath,
  namespacePath,
  secretPath,
  secretsPath,
} from "../../src/kubernetes/api-paths.ts";
import {
  KubernetesError,
  type KubernetesClient,
  type KubernetesFailure,
} from "../../src/kubernetes/kubernetes-client.ts";
import { connectTo, json, kubeconfigFile, kubeconfigOf, startDouble, type ApiDouble } from "./api-double.ts";

const PATH = secretPath("flyte", "flyte-pod-webhook");
const CANARY = "canary-9f2c";

async function failureOf(call: Promise<unknown>): Promise<KubernetesError> {
  const error: unknown = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(KubernetesError);
  return error as KubernetesError;
}

function origin({ port }: ApiDouble): string {
  return `https://127.0.0.1:${port}`;
}

describe("a call", () => {
  test("carries the token, and gives back also what is not known here", async () => {
    const double = await startDouble((_, response) =>
      json(response, 200, { metadata: { name: "x" }, spec: { newer: true } }),
    );
    const { client } = await connectTo(double);
    expect(await client.get(PATH)).toEqual({ metadata: { name: "x" }, spec: { newer: true } });
    expect(double.asked[0]).toMatchObject({ method: "GET", headers: { authorization: "Bearer a-token" } });
    expect(double.asked[0]?.url.pathname).toBe("/api/v1/namespaces/flyte/secrets/flyte-pod-webhook");
  });
  test("sends an object as it is, and a patch as JSON Patch", async () => {
    const double = await startDouble((_, response) => json(response, 200, { metadata: { name: "x" } }));
    const { client } = await connectTo(double);
    const object = { metadata: { name: "x" }, unknown: [1] };
    await client.create(PATH, object);
    await client.replace(PATH, object);
    await client.patch(PATH, [{ op: "test", path: "/metadata/name", value: "x" }]);
    await client.remove(PATH, "a-uid");
    expect(
      double.asked.map(({ method, headers, body }) => [method, headers["content-type"], JSON.parse(body)]),
    ).toEqual([
      ["POST", "application/json", object],
      ["PUT", "application/json", object],
      ["PATCH", "application/json-patch+json", [{ op: "test", path: "/metadata/name", value: "x" }]],
      ["DELETE", "application/json", { preconditions: { uid: "a-uid" } }],
    ]);
  });
  test("keeps the path of the server before those of the API", async () => {
    const double = await startDouble((_, response) => json(response, 200, { metadata: { name: "x" } }));
    const kubeconfig = kubeconfigFile(kubeconfigOf({ server: `${origin(double)}/k8s/clusters/c-1/`, ca: double.ca }));
    const { client } = await connectTo(double, { kubeconfig });
    await client.get(PATH);
    expect(double.asked[0]?.url.pathname).toBe(`/k8s/clusters/c-1${PATH}`);
  });
  test("names cannot lead elsewhere", () => {
    expect(mutatingConfigurationPath("../x?y")).toMatch(/\/mutatingwebhookconfigurations\/\.\.%2Fx%3Fy$/);
  });
});

describe("a failure", () => {
  const invalid = {
    reason: "Invalid",
    message: CANARY,
    details: { causes: [{ reason: "FieldValueInvalid", field: "webhooks[0].name", message: CANARY }] },
  };
  // As the API server of 1.36 answers when a `test` does not hold.
  const patchTest = { reason: "Invalid", message: CANARY, details: {} };
  test.each<[number, unknown, KubernetesFailure, string]>([
    [401, { reason: "Unauthorized", message: CANARY }, "unauthorized", "HTTP 401 Unauthorized"],
    [404, { reason: "NotFound", message: CANARY }, "not-found", "HTTP 404 NotFound"],
    [409, { reason: "AlreadyExists", message: CANARY }, "exists", "HTTP 409 AlreadyExists"],
    [409, { reason: "Conflict", message: CANARY }, "conflict", "HTTP 409 Conflict"],
    [422, invalid, "invalid", "HTTP 422 Invalid at webhooks[0].name"],
    [422, patchTest, "conflict", "HTTP 422 Invalid"],
    [429, CANARY, "unavailable", "HTTP 429"],
    [503, { reason: `${CANARY} with spaces` }, "unavailable", "HTTP 503"],
    [418, { reason: 7, details: { causes: [{ field: `${CANARY}"` }] } }, "other", "HTTP 418"],
  ])("HTTP %i %j is %s, and quotes no text of the answer", async (status, body, failure, about) => {
    const double = await startDouble((_, response) => json(response, status, body));
    const { client } = await connectTo(double);
    const error = await failureOf(client.get(PATH));
    expect(error).toMatchObject({ failure, status, message: `GET ${PATH}: ${about}` });
  });
  test("an answer that is no JSON", async () => {
    const double = await startDouble((_, response) => response.end(CANARY));
    const { client } = await connectTo(double);
    expect(await failureOf(client.get(PATH))).toMatchObject({
      failure: "other",
      message: `GET ${PATH}: the answer is no JSON`,
    });
  });
  test.each([
    ["before its head", () => {}],
    ["in the middle", (response: { write(text: string): unknown }) => void response.write("{")],
  ])("an answer that hangs %s is given up", async (_, begin) => {
    const double = await startDouble((__, response) => begin(response));
    const { client } = await connectTo(double, { timeLimit: 200 });
    expect(await failureOf(client.get(PATH))).toMatchObject({
      failure: "unreachable",
      message: `GET ${PATH}: no answer in time from https://127.0.0.1:${double.port}`,
    });
  });
  test("a connection that breaks", async () => {
    const double = await startDouble((_, response) => response.destroy());
    const { client } = await connectTo(double);
    expect(await failureOf(client.get(PATH))).toMatchObject({ failure: "unreachable" });
  });
  test("nobody listens", async () => {
    const double = await startDouble(() => {});
    await double.stop();
    const { client } = await connectTo(double);
    expect(await failureOf(client.get(PATH))).toMatchObject({
      failure: "unreachable",
      code: "ECONNREFUSED",
      message: `GET ${PATH}: ECONNREFUSED at https://127.0.0.1:${double.port}`,
    });
  });
  test("a server of another CA is not trusted, and is sent nothing", async () => {
    const double = await startDouble((_, response) => json(response, 200, {}));
    const { ca } = await makeSelfSigned(Date.now());
    const kubeconfig = kubeconfigFile(kubeconfigOf({ server: origin(double), ca }));
    const { client } = await connectTo(double, { kubeconfig });
    expect(await failureOf(client.get(PATH))).toMatchObject({
      failure: "untrusted",
      code: "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
    });
    expect(double.asked).toEqual([]);
  });
});

describe("what is not permitted, or not there, is said by verb, resource and namespace", () => {
  const SECRET = 'secrets "flyte-pod-webhook" in namespace "flyte"';
  const denial = (user: string): object => ({
    reason: "Forbidden",
    // As the API server of 1.36 says it.
    message: `secrets "${CANARY}" is forbidden: User "${user}" cannot get resource "secrets" in API group "" in the namespace "flyte"`,
  });
  test.each<[string, number, object, string]>([
    [
      "by RBAC",
      403,
      denial("system:serviceaccount:flyte:webhook"),
      `user "system:serviceaccount:flyte:webhook" may not get ${SECRET}: HTTP 403 Forbidden`,
    ],
    [
      "by something else",
      403,
      { reason: "Forbidden", message: CANARY },
      `it is forbidden to get ${SECRET}: HTTP 403 Forbidden`,
    ],
    [
      "by somebody who writes into logs",
      403,
      denial("a\n\u001b[2J"),
      `it is forbidden to get ${SECRET}: HTTP 403 Forbidden`,
    ],
    [
      "an object",
      404,
      { reason: "NotFound", message: CANARY, details: { kind: "secrets", name: "flyte-pod-webhook" } },
      `${SECRET} does not exist: HTTP 404 NotFound`,
    ],
    [
      "a namespace",
      404,
      { reason: "NotFound", message: CANARY, details: { kind: "namespaces", name: "flyte" } },
      'namespace "flyte" does not exist: HTTP 404 NotFound',
    ],
    [
      "a namespace of a name that is none",
      404,
      { reason: "NotFound", details: { kind: "namespaces", name: `${CANARY}\n` } },
      `GET ${PATH}: HTTP 404 NotFound`,
    ],
  ])("%s", async (_, status, body, message) => {
    const double = await startDouble((__, response) => json(response, status, body));
    const { client } = await connectTo(double);
    expect(await failureOf(client.get(PATH))).toMatchObject({ message });
  });
  test.each<[string, (client: KubernetesClient) => Promise<unknown>, string]>([
    [
      "create",
      (client) => client.create(secretsPath("flyte"), { metadata: { name: "x" } }),
      'secrets in namespace "flyte"',
    ],
    ["update", (client) => client.replace(PATH, { metadata: { name: "x" } }), SECRET],
    ["patch", (client) => client.patch(mutatingConfigurationPath("x"), []), 'mutatingwebhookconfigurations "x"'],
    ["delete", (client) => client.remove(mutatingConfigurationPath("a/b")), 'mutatingwebhookconfigurations "a/b"'],
    ["get", (client) => client.get(namespacePath("flyte")), 'namespaces "flyte"'],
    ["list", (client) => client.get(MUTATING_CONFIGURATIONS), "mutatingwebhookconfigurations"],
  ])("%s", async (verb, call, what) => {
    const double = await startDouble((__, response) => json(response, 403, { reason: "Forbidden" }));
    const { client } = await connectTo(double);
    expect((await failureOf(call(client))).message).toBe(`it is forbidden to ${verb} ${what}: HTTP 403 Forbidden`);
  });
});

describe("credentials", () => {
  test("that are refused are loaded anew", async () => {
    const double = await startDouble(({ headers }, response) =>
      headers.authorization === "Bearer new" ? json(response, 200, { metadata: {} }) : json(response, 401, {}),
    );
    const config = (token: string): string => kubeconfigOf({ server: origin(double), ca: double.ca, user: { token } });
    const kubeconfig = kubeconfigFile(config("old"));
    const { client } = await connectTo(double, { kubeconfig });
    expect(await failureOf(client.get(PATH))).toMatchObject({ failure: "unauthorized" });
    writeFileSync(kubeconfig, "");
    await failureOf(client.get(PATH));
    expect(await failureOf(client.get(PATH))).toMatchObject({ failure: "unauthorized" });
    writeFileSync(kubeconfig, config("new"));
    expect(await client.get(PATH)).toEqual({ metadata: {} });
  });
  test("come of the kubeconfig's command", async () => {
    const double = await startDouble((_, response) => json(response, 200, { metadata: {} }));
    const credential = JSON.stringify({ status: { token: "made" } });
    const exec = { command: process.execPath, args: ["-e", `console.log(${JSON.stringify(credential)})`] };
    const kubeconfig = kubeconfigFile(kubeconfigOf({ server: origin(double), ca: double.ca, user: { exec } }));
    const { client } = await connectTo(double, { kubeconfig });
    await client.get(PATH);
    expect(double.asked[0]?.headers.authorization).toBe("Bearer made");
  });
  test.each([
    ["fails", `console.error("${CANARY}"); process.exit(1)`],
    ["hangs", "setTimeout(() => {}, 3000)"],
  ])("of a command that %s: its complaint is not told", async (_, script) => {
    const double = await startDouble((__, response) => json(response, 200, {}));
    const exec = { command: process.execPath, args: ["-e", script] };
    const kubeconfig = kubeconfigFile(kubeconfigOf({ server: origin(double), ca: double.ca, user: { exec } }));
    const { client } = await connectTo(double, { kubeconfig, timeLimit: 1000 });
    expect(await failureOf(client.get(PATH))).toMatchObject({
      failure: "unauthorized",
      message: `GET ${PATH}: the credentials of the kubeconfig cannot be had`,
    });
  });
});
