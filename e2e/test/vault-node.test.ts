/**
 * The whole chain on a node: our webhook and the Vault Agent Injector are registered, the agent is an init container
 * that logs in with the pod's own token, and the task reads its secrets where flytekit looks for them.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";

import { builtCommand } from "../../apps/webhook/test/cli/built-command.ts";
import type { Pod } from "../../packages/core/src/index.ts";
import { secretRequests, testContainer, testPod, withRequests } from "../../packages/injector-testkit/src/index.ts";
import { IMAGES, needing, nodeSupport, startControlPlane, startNode, type ControlPlane } from "../cluster/src/index.ts";
import { BUILD_PATIENCE, vaultPrograms, vaultSupport } from "../servers/vault/build.ts";
import { enableDatabase } from "../servers/vault/database.ts";
import { deployInjector, INJECTOR_REGISTRATION, vaultImage } from "../servers/vault/deploy-injector.ts";
import { allowLogin, LOGIN_ANNOTATIONS } from "../servers/vault/logins.ts";
import { postgresqlSupport, startPostgresql, type Postgresql } from "../servers/vault/postgresql.ts";
import { startVault, type VaultServer } from "../servers/vault/server.ts";
import { apiClient, type ApiClient } from "./rig/api-client.ts";
import { REGISTRATIONS } from "./rig/registration.ts";
import { until } from "./rig/registrations.ts";
import { installLocally, startServe, type RunningServe } from "./rig/serving.ts";
import { startSidecarWebhook } from "./rig/sidecar-webhook.ts";
import { taskOutput } from "./rig/task-output.ts";
import { calledAgain, CALLS_POLICY } from "./rig/webhook-calls.ts";

const NAMESPACE = "default";
const ROLE = "tasks";
const VALUE = ' v"a}}l{{u\\e\n';
const PASSWORD = { group: "secret/data/team/App", key: "Pass-Word", envVar: "PASSWORD_FILE" };
const TOKEN = { group: "kv/team", groupVersion: "kv1", key: "token" };
const LOGIN = { group: "database/creds/app", groupVersion: "db", key: "login" };
const MANAGERS = ["vault-kv2", "vault-kv1", "vault-db"].map((use) => ({
  use,
  options: { role: ROLE, annotations: LOGIN_ANNOTATIONS },
}));

describe("Vault on a node", needing(nodeSupport(), vaultSupport()), () => {
  const command = builtCommand();
  let folder: string;
  let cluster: ControlPlane;
  let api: ApiClient;
  let vault: VaultServer;
  let database: Postgresql | undefined;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "pod-secrets-vault-node-"));
    const programs = await vaultPrograms();
    cluster = await startControlPlane({ auditPolicy: CALLS_POLICY });
    const node = await startNode(cluster);
    api = await apiClient(cluster);
    await node.addImage(await vaultImage(programs));
    vault = await startVault(programs, { folder, host: node.hostAddress });
    await vault.call("POST", "secret/data/team/App", { data: { "Pass-Word": VALUE } });
    await vault.call("POST", "sys/mounts/kv", { type: "kv", options: { version: "1" } });
    await vault.call("POST", "kv/team", { token: "t0ken" });
    if (postgresqlSupport().kind === "supported") {
      database = await startPostgresql();
      await enableDatabase(vault, database, "app");
    }
    const paths = ["secret/data/team/App", "kv/team", "database/creds/app"];
    await allowLogin(vault, cluster, { role: ROLE, namespace: NAMESPACE, paths });
    await deployInjector(cluster, vault.url);
  }, BUILD_PATIENCE);

  afterAll(async () => {
    api?.[Symbol.dispose]();
    await cluster?.stop();
    await database?.[Symbol.asyncDispose]();
    await vault?.[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Our webhook, registered under a name. It is there until the test is over. */
  async function serve(name: string): Promise<RunningServe> {
    // It runs after the process has ended, which would put it back.
    onTestFinished(async () => void (await api.send("DELETE", `${REGISTRATIONS}/${name}`)));
    const { config } = await installLocally({ folder, kubeconfig: cluster.kubeconfig, name });
    const sections = JSON.parse(readFileSync(config, "utf8")) as object;
    writeFileSync(config, JSON.stringify({ ...sections, global: false, managers: MANAGERS }));
    const serving = await startServe(command().program, ["--config", config]);
    await until(async () => hasOurs(await admitted()));
    return serving;
  }

  /** Whether the Vault Agent Injector is called again for a pod that changes after it. */
  async function setReinvocation(policy: "Never" | "IfNeeded"): Promise<void> {
    const operation = { op: "add", path: "/webhooks/0/reinvocationPolicy", value: policy };
    const { status } = await api.send("PATCH", `${REGISTRATIONS}/${INJECTOR_REGISTRATION}`, [operation]);
    expect(status).toBe(200);
  }

  /** What becomes of a pod, without creating it. */
  async function admitted(labels: Readonly<Record<string, string>> = {}, manager = "tests"): Promise<Pod> {
    const pod = withRequests(testPod({}, { name: "task", labels }), secretRequests([PASSWORD]));
    const path = `/api/v1/namespaces/${NAMESPACE}/pods?dryRun=All&fieldManager=${manager}`;
    return (await api.send<Pod>("POST", path, pod)).body;
  }

  const file = (path: string): string => `/etc/flyte/secrets/${path}`;

  test("the task reads its secrets where it looks for them, of all engines", async () => {
    await serve("flyte-pod-webhook");
    const requests = [PASSWORD, TOKEN, ...(database === undefined ? [] : [LOGIN])];
    const task = { namespace: NAMESPACE, name: "task", requests };
    const script = `cat ${file("secret/data/team/app/pass-word")} "$PASSWORD_FILE" ${file("kv/team/token")}`;
    expect(await taskOutput(cluster, api, { ...task, script })).toBe(`${VALUE}${VALUE}t0ken`);
    if (database === undefined) return;
    const output = await taskOutput(cluster, api, { ...task, script: `cat ${file("database/creds/app/login")}` });
    const [, password = "", user = ""] = /^password: (.*)\nusername: (.*)\n$/.exec(output) ?? [];
    expect(await database.query({ user, password }, "SELECT current_user")).toBe(user);
  });

  test.each([
    ["whose key is missing", { ...PASSWORD, key: "absent" }, {}],
    ["whose role Vault does not know", PASSWORD, { "vault.hashicorp.com/role": "nobody" }],
  ])("a task %s does not start", async (_, request, annotations) => {
    await serve("flyte-pod-webhook");
    const main = testContainer({ image: IMAGES.busybox, command: ["true"] });
    const pod = testPod({ restartPolicy: "Never", containers: [main] }, { name: "refused", annotations });
    const asking = withRequests(pod, secretRequests([request]));
    expect(await api.createPod(NAMESPACE, asking, "real")).toMatchObject({ status: 201 });
    const path = `/api/v1/namespaces/${NAMESPACE}/pods/refused`;
    onTestFinished(async () => void (await api.send("DELETE", `${path}?gracePeriodSeconds=0`)));
    const look = async (): Promise<PodStatus> =>
      (await api.send<{ readonly status: PodStatus }>("GET", path)).body.status;
    await until(async () => (await look()).phase === "Failed", 120_000);
    const { initContainerStatuses, containerStatuses } = await look();
    expect(initContainerStatuses).toMatchObject([{ name: "vault-agent-init", state: { terminated: {} } }]);
    expect(initContainerStatuses[0]?.state.terminated?.exitCode).toBeGreaterThan(0);
    expect(containerStatuses).toMatchObject([{ name: "main", state: { waiting: { reason: "PodInitializing" } } }]);
  });

  test("both webhooks, called again since a third one adds a container, leave the same pod", async () => {
    await setReinvocation("IfNeeded");
    onTestFinished(() => setReinvocation("Never"));
    await serve("flyte-pod-webhook");
    await until(async () => hasAgent(await admitted()));
    const proxy = { name: "proxy", image: IMAGES.busybox, command: ["true"] };
    await using _ = await startSidecarWebhook(api, NAMESPACE, proxy);
    const once = await admitted();
    const again = await admitted({ sidecar: "true" }, "called-again");
    const query = "&fieldManager=called-again";
    await until(async () => (await calledAgain(cluster, query)) !== undefined);
    expect(await calledAgain(cluster, query)).toEqual(["flyte-pod-webhook", INJECTOR_REGISTRATION]);
    expect(again.spec?.containers.map(({ name }) => name)).toEqual(["main", "proxy"]);
    expect(comparable(again, proxy.name)).toEqual(comparable(once, proxy.name));
    const script = `cat ${file("secret/data/team/app/pass-word")}`;
    const task = { namespace: NAMESPACE, name: "again", requests: [PASSWORD], labels: { sidecar: "true" }, script };
    expect(await taskOutput(cluster, api, task)).toBe(VALUE);
  });

  test("under a name that is called too late we warn, and the task would start without its secret", async () => {
    const serving = await serve("zz-pod-webhook");
    expect(serving.lines()).toContainEqual(expect.objectContaining({ level: "warn", code: "W_CONFIG_ORDER" }));
    expect(hasAgent(await admitted())).toBe(false);
    // What helps without another name.
    await setReinvocation("IfNeeded");
    onTestFinished(() => setReinvocation("Never"));
    await until(async () => hasAgent(await admitted()));
  });
});

/** What these tests read of a pod's status. */
interface PodStatus {
  readonly phase: string;
  readonly initContainerStatuses: readonly ContainerStatus[];
  readonly containerStatuses: readonly ContainerStatus[];
}

interface ContainerStatus {
  readonly name: string;
  readonly state: { readonly terminated?: { readonly exitCode: number } };
}

function hasOurs({ metadata }: Pod): boolean {
  return metadata?.annotations?.["vault.hashicorp.com/agent-inject"] === "true";
}

function hasAgent({ spec }: Pod): boolean {
  return spec?.initContainers?.some(({ name }) => name === "vault-agent-init") === true;
}

/** What must be the same, whoever adds a container. */
function comparable({ metadata, spec }: Pod, added: string): unknown {
  const containers = spec?.containers.filter(({ name }) => name !== added);
  const text = JSON.stringify({ annotations: metadata?.annotations, spec: { ...spec, containers } });
  // The API server gives its own volume a random name.
  return JSON.parse(text.replaceAll(/kube-api-access-[a-z0-9]{5}/g, "token"));
}
