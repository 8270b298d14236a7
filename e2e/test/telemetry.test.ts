/** What a real API server keeps and sends: audit annotations, its trace, and Events at the controllers of pods. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { encodeRequests, type SecretAsk } from "../../packages/core/src/index.ts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { builtCommand } from "../../apps/webhook/test/cli/built-command.ts";
import { startReceiver, valuesOf, type OtlpReceiver } from "../../apps/webhook/test/telemetry/traces/otlp-receiver.ts";
import { startWebhook, type Webhook } from "../../scripts/start/webhook-process.ts";
import { startControlPlane, type ControlPlane } from "../cluster/src/index.ts";
import { apiClient, type ApiClient } from "./rig/api-client.ts";
import { createNamespace } from "./rig/namespace.ts";
import { register } from "./rig/registration.ts";
import { startSidecarWebhook } from "./rig/sidecar-webhook.ts";

const NAMESPACE = "telemetry";
const REGISTERED = "flyte-pod-webhook.flyte.org";
const WEBHOOK_USER = "pod-secrets";

const command = builtCommand();
const folder = mkdtempSync(join(tmpdir(), "telemetry-"));
let collector: OtlpReceiver;
let cluster: ControlPlane;
let api: ApiClient;
let webhook: Webhook;

function written(name: string, content: unknown): string {
  const file = join(folder, name);
  writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content));
  return file;
}

/** All that docs/telemetry.md names for Events, and nothing else. */
async function permitEvents(): Promise<void> {
  const group = "rbac.authorization.k8s.io";
  const apiVersion = `${group}/v1`;
  const metadata = { name: "webhook-events" };
  const rules = [{ apiGroups: [""], resources: ["events"], verbs: ["create", "patch"] }];
  await api.send("POST", `/apis/${apiVersion}/clusterroles`, { apiVersion, kind: "ClusterRole", metadata, rules });
  const roleRef = { apiGroup: group, kind: "ClusterRole", name: metadata.name };
  const subjects = [{ apiGroup: group, kind: "User", name: WEBHOOK_USER }];
  const binding = { apiVersion, kind: "ClusterRoleBinding", metadata, roleRef, subjects };
  await api.send("POST", `/apis/${apiVersion}/clusterrolebindings`, binding);
}

beforeAll(async () => {
  collector = await startReceiver();
  cluster = await startControlPlane({
    auditPolicy: JSON.stringify({
      apiVersion: "audit.k8s.io/v1",
      kind: "Policy",
      omitStages: ["RequestReceived"],
      rules: [{ level: "Metadata", verbs: ["create"], resources: [{ group: "", resources: ["pods"] }] }],
    }),
    tracing: written("tracing.yaml", {
      apiVersion: "apiserver.config.k8s.io/v1",
      kind: "TracingConfiguration",
      // Nobody listens: only what it sends to webhooks matters here.
      endpoint: "127.0.0.1:9",
      samplingRatePerMillion: 1_000_000,
    }),
  });
  api = await apiClient(cluster);
  await createNamespace(api, NAMESPACE);
  await permitEvents();
  const kubeconfig = written("kubeconfig", await cluster.kubeconfigFor({ user: WEBHOOK_USER }));
  const caFile = join(folder, "ca.crt");
  webhook = await startWebhook({
    program: command().program,
    config: written("config.yaml", {
      managers: [{ use: "k8s" }],
      telemetry: { traces: { endpoint: collector.endpoint }, events: true },
      kubernetes: { kubeconfig },
    }),
    caFile,
    environment: {},
  });
  await register(api, "telemetry", { url: webhook.url, caFile, namespace: NAMESPACE });
});

afterAll(async () => {
  await webhook?.stop();
  api?.[Symbol.dispose]();
  await cluster?.stop();
  await collector?.[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

interface Template {
  readonly metadata: { readonly labels: Readonly<Record<string, string>>; readonly annotations: object };
  readonly spec: object;
}

function template(...asks: readonly SecretAsk[]): Template {
  return {
    metadata: { labels: { app: "train", "inject-flyte-secrets": "true" }, annotations: encodeRequests(asks) },
    spec: { containers: [{ name: "main", image: "registry.example.com/train:2.0" }] },
  };
}

interface AuditEvent {
  readonly verb: string;
  readonly user: { readonly username: string };
  readonly objectRef: { readonly resource: string; readonly namespace: string; readonly name?: string };
  readonly annotations?: Readonly<Record<string, string>>;
}

/** Our annotations of each audit event, without the name of the webhook. */
function audited(): readonly Readonly<Record<string, string>>[] {
  const events = readFileSync(cluster.auditLog, "utf8")
    .trim()
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as AuditEvent);
  return events.map(({ annotations = {} }) =>
    Object.fromEntries(
      Object.entries(annotations)
        .filter(([key]) => key.startsWith(`${REGISTERED}/`))
        .map(([key, value]) => [key.slice(REGISTERED.length + 1), value]),
    ),
  );
}

async function auditOf(pod: string): Promise<Readonly<Record<string, string>>> {
  const find = () => audited().findLast((annotations) => annotations["pod"] === pod);
  await expect.poll(find, { timeout: 10_000 }).toBeDefined();
  return find() ?? {};
}

describe("the API server's audit event of a pod", () => {
  test("says who got which secret from where, and leads to log and trace", async () => {
    const pod = { apiVersion: "v1", kind: "Pod", ...template({ group: "db", key: "password" }) };
    const metadata = { ...pod.metadata, name: "traced" };
    expect(await api.createPod(NAMESPACE, { ...pod, metadata }, "real")).toMatchObject({ status: 201 });

    const { secrets = "", admission = "", trace = "", ...rest } = await auditOf("traced");
    expect(JSON.parse(secrets)).toEqual([
      { source: "flyte.secrets/s0", group: "db", key: "password", injector: "k8s" },
    ]);
    expect(rest).toEqual({ pod: "traced", "service-account": "default" });
    expect(trace).toMatch(/^[0-9a-f]{32}$/);
    expect(await webhook.admission(admission)).toMatchObject({ uid: admission, trace, pod: "traced" });
    const root = (): unknown =>
      collector.spans().find((span) => valuesOf(span.attributes)["pod_secrets.uid"] === admission);
    await expect.poll(root, { timeout: 10_000 }).toMatchObject({ name: "admission", traceId: trace });
    expect(root()).toMatchObject({ parentSpanId: expect.stringMatching(/^[0-9a-f]{16}$/) as unknown });
  });

  test("says why a pod was refused", async () => {
    const pod = { apiVersion: "v1", kind: "Pod", ...template({ group: "No Such Name", key: "password" }) };
    const metadata = { ...pod.metadata, generateName: "refused-" };
    expect((await api.createPod(NAMESPACE, { ...pod, metadata }, "real")).status).toBe(400);
    expect(await auditOf("refused-")).toMatchObject({ refused: "E_NOT_INJECTED" });
  });
});

test("what a second call for the same pod says fits what the first one said", async () => {
  await using _ = await startSidecarWebhook(api, NAMESPACE);
  const { metadata, spec } = template({ group: "db", key: "password" });
  const labels = { ...metadata.labels, sidecar: "true" };
  const pod = { apiVersion: "v1", kind: "Pod", metadata: { ...metadata, labels, name: "called-twice" }, spec };
  const { body } = await api.createPod<{ spec: { containers: { name: string; env?: object[] }[] } }>(
    NAMESPACE,
    pod,
    "real",
  );
  // It was called again: the container that came later has the secret as well.
  expect(body.spec.containers.map(({ name, env = [] }) => [name, env.length > 0])).toEqual([
    ["main", true],
    ["proxy", true],
  ]);

  const { secrets, admission = "", trace } = await auditOf("called-twice");
  expect(secrets).toContain('"injector":"k8s"');
  expect(await webhook.admission(admission)).toMatchObject({ uid: admission, trace });
  const log = readFileSync(join(cluster.directory, "logs", "kube-apiserver.log"), "utf8");
  expect(log).not.toMatch(/Failed to set admission audit annotation/);
});

describe("the Event of refused pods", () => {
  interface EventList {
    readonly items: readonly {
      readonly reason: string;
      readonly count: number;
      readonly message: string;
      readonly involvedObject: { readonly kind: string; readonly name: string; readonly uid?: string };
    }[];
  }

  const events = async (kind: string): Promise<EventList["items"]> => {
    const { body } = await api.send<EventList>("GET", `/api/v1/namespaces/${NAMESPACE}/events`);
    return body.items.filter((event) => event.reason === "SecretsRefused" && event.involvedObject.kind === kind);
  };

  test("stands at their ReplicaSet, counts, and is what kubectl describes", async ({ skip }) => {
    skip(!cluster.hasControllers, "it needs kube-controller-manager");
    const spec = {
      replicas: 2,
      selector: { matchLabels: { app: "train" } },
      template: template({ group: "No Such Name", key: "k" }),
    };
    const deployment = { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "train" }, spec };
    const created = await api.send("POST", `/apis/apps/v1/namespaces/${NAMESPACE}/deployments`, deployment);
    expect(created).toMatchObject({ status: 201 });

    await expect.poll(() => events("ReplicaSet"), { timeout: 60_000, interval: 500 }).toHaveLength(1);
    await expect
      .poll(async () => (await events("ReplicaSet"))[0]?.count, { timeout: 60_000, interval: 500 })
      .toBeGreaterThan(1);
    const [event] = await events("ReplicaSet");
    expect(event?.message).toMatch(/^pod-secrets: 1 of 1 secrets cannot be injected: .* Fix: /);
    expect(event?.involvedObject).toMatchObject({ name: expect.stringMatching(/^train-/) as unknown });
    const name = event?.involvedObject.name ?? "";
    const { stdout } = await cluster.kubectl(["describe", "replicaset", name, "--namespace", NAMESPACE]);
    expect(stdout).toMatch(/Warning\s+SecretsRefused\s.*pod-secrets\s+pod-secrets: 1 of 1 secrets cannot be injected/);
  });

  test("stands at the name of a pod that nothing controls", async () => {
    const pod = { apiVersion: "v1", kind: "Pod", ...template({ group: "No Such Name", key: "k" }) };
    const metadata = { ...pod.metadata, name: "alone" };
    await api.createPod(NAMESPACE, { ...pod, metadata }, "real");
    const named = async (): Promise<readonly string[]> =>
      (await events("Pod")).map(({ involvedObject }) => involvedObject.name);
    await expect.poll(named, { timeout: 20_000 }).toContain("alone");
  });
});
