/** The manager embedded, with secrets in a real API server and in moto, and its pods before a real API server. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";

import { podAsking } from "../../apps/webhook/test/managers/asking.ts";
import { admitted, composedOf } from "../../apps/webhook/test/managers/composed.ts";
import type { Mutation, MutationSettings, Pod, SecretAsk } from "../../packages/core/src/index.ts";
import { needing, startControlPlane, type ControlPlane } from "../cluster/src/index.ts";
import { pythonSupport, START_TIMEOUT, startMoto, type Moto } from "../servers/index.ts";
import type { AwsCredentials } from "../servers/moto.ts";
import { apiClient, type ApiClient } from "./rig/api-client.ts";
import { objectOf, storeSecret, tokenOfReader } from "./rig/embedded-secrets.ts";
import { createNamespace } from "./rig/namespace.ts";
import { restricted } from "./rig/task-output.ts";

/** Where pods are: of project billing and domain production. */
const NAMESPACE = "billing-production";
const LABELS = { organization: "flyte", project: "billing", domain: "production" };
const ENV: SecretAsk = { key: "Token", mountRequirement: "ENV_VAR", envVar: "TOKEN" };
const FILE: SecretAsk = { group: "tls", key: "certificate", mountRequirement: "FILE" };

function nameOf(key: string, project = "billing", domain = "production"): string {
  return `u__org__flyte__domain__${domain}__project__${project}__key__${key}`;
}

function taskPod(...asks: readonly SecretAsk[]): Pod {
  const { metadata, ...rest } = podAsking(...asks);
  return restricted({ ...rest, metadata: { ...metadata, namespace: NAMESPACE, labels: LABELS } });
}

/** The manager with a store, for the time of a test. */
async function managerOf(store: object): Promise<MutationSettings> {
  const options = { accept: "values-in-pods", store, cache: { seconds: 0, absentSeconds: 0 } };
  const composition = await composedOf(JSON.stringify({ global: false, managers: [{ use: "embedded", options }] }));
  onTestFinished(() => composition.dispose());
  return composition.settings;
}

function valueOf(mutation: Mutation, variable: string): string | undefined {
  if (mutation.outcome === "refused") throw new Error(mutation.message);
  return mutation.pod.spec?.containers?.[0]?.env?.find(({ name }) => name === variable)?.value;
}

describe("with secrets of a namespace of the cluster", () => {
  const SECRETS = "flyte-secrets";
  let cluster: ControlPlane;
  let api: ApiClient;
  let folder: string;

  beforeAll(async () => {
    cluster = await startControlPlane();
    api = await apiClient(cluster);
    await createNamespace(api, NAMESPACE, { "pod-security.kubernetes.io/enforce": "restricted" });
    await createNamespace(api, SECRETS);
    folder = mkdtempSync(join(tmpdir(), "service-account-"));
    writeFileSync(join(folder, "ca.crt"), cluster.caCertificate);
    writeFileSync(join(folder, "token"), await tokenOfReader(api, SECRETS));
  });

  afterAll(async () => {
    api?.[Symbol.dispose]();
    await cluster?.stop();
    if (folder !== undefined) rmSync(folder, { recursive: true });
  });

  async function store(name: string, value: string | Uint8Array, namespace = SECRETS): Promise<void> {
    expect(await storeSecret(api, namespace, name, value)).toMatchObject({ status: 201 });
  }

  const storeOptions = (namespace = SECRETS): object => ({
    type: "k8s",
    settings: { namespace, server: cluster.server, tokenFile: join(folder, "token"), caFile: join(folder, "ca.crt") },
  });

  test("a pod gets env vars and files, and an API server that enforces `restricted` takes it as final", async () => {
    await store(nameOf("Token"), "hunter2\n");
    await store(nameOf("certificate", ""), Uint8Array.of(0, 1, 255));
    const settings = await managerOf(storeOptions());
    const mutation = await admitted(taskPod(ENV, FILE), settings);
    expect(valueOf(mutation, "TOKEN")).toBe("hunter2\n");

    const { status, body } = await api.createPod<Pod>(NAMESPACE, mutation.outcome === "refused" ? {} : mutation.pod);
    expect(body).toMatchObject({ kind: "Pod", spec: { initContainers: [{ name: "init-embedded-secret" }] } });
    expect(status).toBe(201);
    expect((await admitted(body, settings)).outcome).toBe("unchanged");
  });

  test("a secret that is replaced or deleted is given anew, and not any more", async () => {
    const name = nameOf("rotated");
    await store(name, "old");
    const settings = await managerOf(storeOptions());
    const path = `/api/v1/namespaces/${SECRETS}/secrets/${objectOf(name)}`;
    const asked = taskPod({ key: "rotated" });
    expect(valueOf(await admitted(asked, settings), "_FSEC_ROTATED")).toBe("old");

    await api.send("PATCH", path, [{ op: "replace", path: `/data/${name}`, value: "bmV3" }]);
    expect(valueOf(await admitted(structuredClone(asked), settings), "_FSEC_ROTATED")).toBe("new");

    await api.send("DELETE", path);
    expect(await admitted(structuredClone(asked), settings)).toMatchObject({
      outcome: "refused",
      message: expect.stringContaining('the store has no secret "rotated"'),
    });
  });

  test("what the account may not get is refused, and nothing else is asked", async () => {
    await store(nameOf("elsewhere", "", ""), "value", "default");
    expect(await admitted(taskPod({ key: "elsewhere" }), await managerOf(storeOptions("default")))).toMatchObject({
      outcome: "refused",
      message: expect.stringMatching(/embedded\/denied.*the API server refuses it/),
    });
  });

  test("a server with a certificate of another authority is not given the token", async () => {
    const other = await startControlPlane();
    onTestFinished(() => other.stop());
    const settings = { namespace: SECRETS, server: other.server, tokenFile: join(folder, "token") };
    const impostor = { type: "k8s", settings: { ...settings, caFile: join(folder, "ca.crt") } };
    expect(await admitted(taskPod(ENV), await managerOf(impostor))).toMatchObject({
      outcome: "refused",
      message: expect.stringContaining("embedded/unavailable"),
    });
  });
});

describe("with secrets of AWS", needing(pythonSupport()), () => {
  let moto: Moto;
  let reader: AwsCredentials;
  let stranger: AwsCredentials;

  beforeAll(async () => {
    moto = await startMoto({ checksAuthorization: true });
    reader = await moto.createUser("webhook", ["secretsmanager:GetSecretValue"]);
    stranger = await moto.createUser("stranger", ["iam:GetUser"]);
    await moto.admin("secretsmanager", "CreateSecret", { Name: nameOf("Token", ""), SecretString: "of the domain" });
    await moto.admin("secretsmanager", "CreateSecret", { Name: nameOf("gone"), SecretString: "value" });
    await moto.admin("secretsmanager", "DeleteSecret", { SecretId: nameOf("gone"), RecoveryWindowInDays: 7 });
  }, START_TIMEOUT);

  afterAll(() => moto?.stop());

  async function admittedAs(who: AwsCredentials, ask: SecretAsk): Promise<Mutation> {
    vi.stubEnv("AWS_ACCESS_KEY_ID", who.accessKeyId);
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", who.secretAccessKey);
    onTestFinished(() => void vi.unstubAllEnvs());
    const settings = { region: moto.region, endpoints: { secretsmanager: moto.url } };
    return admitted(taskPod(ask), await managerOf({ type: "aws", settings }));
  }

  test("a pod gets that of its domain, since its project has none", async () => {
    expect(valueOf(await admittedAs(reader, ENV), "TOKEN")).toBe("of the domain");
  });

  test.each([
    ["no scope has", { key: "none" }, /the store has no secret "none"/],
    ["is deleted, is not looked for in a wider scope", { key: "gone" }, /embedded\/unusable-value/],
  ])("one that %s", async (_what, ask, message) => {
    expect(await admittedAs(reader, ask)).toMatchObject({
      outcome: "refused",
      message: expect.stringMatching(message),
    });
  });

  test("an identity without the right is told so", async () => {
    expect(await admittedAs(stranger, ENV)).toMatchObject({
      outcome: "refused",
      message: expect.stringContaining("embedded/denied"),
    });
  });
});
