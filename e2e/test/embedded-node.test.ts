/** The manager embedded on a node: the webhook is called, reads a Secret with its service account, and a task has it. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";

import { builtCommand } from "../../apps/webhook/test/cli/built-command.ts";
import { IMAGES, needing, nodeSupport, startControlPlane, startNode, type ControlPlane } from "../cluster/src/index.ts";
import { apiClient, type ApiClient } from "./rig/api-client.ts";
import { storeSecret, tokenOfReader } from "./rig/embedded-secrets.ts";
import { createNamespace } from "./rig/namespace.ts";
import { REGISTRATIONS, untilCalled } from "./rig/registration.ts";
import { installLocally, startServe } from "./rig/serving.ts";
import { printed, runningTaskPod, taskOutput } from "./rig/task-output.ts";

const NAMESPACE = "default";
const SECRETS = "flyte-secrets";
const LABELS = { organization: "flyte", project: "billing", domain: "production" };
/** What a shell, an env var and the kubelet could stumble over. */
const VALUE = "a $(HOME) $$ `id` '\"\\ ü\n\n";

const STORED = [
  "u__org__flyte__domain__production__project__billing__key__Token",
  "u__org__flyte__domain__production__project____key__key.pem",
];

describe("embedded on a node", needing(nodeSupport()), () => {
  const command = builtCommand();
  let folder: string;
  let cluster: ControlPlane;
  let api: ApiClient;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "pod-secrets-embedded-node-"));
    cluster = await startControlPlane();
    await startNode(cluster);
    api = await apiClient(cluster);
    await createNamespace(api, SECRETS);
    writeFileSync(join(folder, "ca.crt"), cluster.caCertificate);
    writeFileSync(join(folder, "token"), await tokenOfReader(api, SECRETS));
    for (const name of STORED) await storeSecret(api, SECRETS, name, VALUE);
  });

  afterAll(async () => {
    api?.[Symbol.dispose]();
    await cluster?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** The webhook, registered until the test is over. @param image of the init container */
  async function serve(image: string): Promise<void> {
    const name = "flyte-pod-webhook";
    // It runs after the process has ended, which would put it back.
    onTestFinished(async () => void (await api.send("DELETE", `${REGISTRATIONS}/${name}`)));
    const { config } = await installLocally({ folder, kubeconfig: cluster.kubeconfig, name });
    const settings = {
      namespace: SECRETS,
      server: cluster.server,
      tokenFile: join(folder, "token"),
      caFile: join(folder, "ca.crt"),
    };
    const options = {
      accept: "values-in-pods",
      store: { type: "k8s", settings },
      scope: { namespace: NAMESPACE },
      unpacker: { image },
    };
    const sections = JSON.parse(readFileSync(config, "utf8")) as object;
    writeFileSync(config, JSON.stringify({ ...sections, global: false, managers: [{ use: "embedded", options }] }));
    await startServe(command().program, ["--config", config]);
    await untilCalled(api, NAMESPACE);
  }

  test("a task has env vars and files, byte by byte", async () => {
    await serve(IMAGES.busybox);
    const output = await taskOutput(cluster, api, {
      namespace: NAMESPACE,
      name: "task",
      labels: LABELS,
      requests: [
        { group: "db", key: "Token", mountRequirement: "ENV_VAR", envVar: "TOKEN" },
        { group: "tls", key: "key.pem", mountRequirement: "FILE", envVar: "KEY_FILE" },
        { key: "key.pem", mountRequirement: "FILE" },
      ],
      script: `printf '%s|' "$TOKEN"; cat "$KEY_FILE" /etc/flyte/secrets/key.pem; ${printed("_FSEC_DB_TOKEN")}`,
    });

    expect(output).toBe(`${VALUE}|${VALUE}${VALUE}${VALUE.split("\n")[0]}\n`);
  });

  test("a task whose init container cannot write does not start", async () => {
    // It has no shell.
    await serve(IMAGES.pause);
    const requests = [{ key: "key.pem", mountRequirement: "FILE" }] as const;
    const pod = runningTaskPod({ name: "refused", requests, script: "true", labels: LABELS });
    expect(await api.createPod(NAMESPACE, pod, "real")).toMatchObject({ status: 201 });
    const path = `/api/v1/namespaces/${NAMESPACE}/pods/refused`;
    onTestFinished(async () => void (await api.send("DELETE", `${path}?gracePeriodSeconds=0`)));
    const status = async (): Promise<unknown> =>
      (await api.send<{ readonly status: unknown }>("GET", path)).body.status;
    await expect.poll(status, { timeout: 120_000 }).toMatchObject({
      initContainerStatuses: [{ name: "init-embedded-secret", state: { terminated: {} } }],
      containerStatuses: [{ name: "main", state: { waiting: { reason: "PodInitializing" } } }],
    });
  });
});
