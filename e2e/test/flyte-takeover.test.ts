/** docs/migrate-from-flyte.md, both ways, on a cluster where Flyte's webhook is installed and pods are created. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";

import { builtCommand } from "../../apps/webhook/test/cli/built-command.ts";
import {
  nodeImage,
  needing,
  nodeSupport,
  startControlPlane,
  startNode,
  type ControlPlane,
} from "../cluster/src/index.ts";
import { buildWebhookImage } from "../images/webhook-image.ts";
import { helmFor, type Helm } from "../tools/helm-client.ts";
import { helmSupport } from "../tools/helm.ts";
import { CHART, KUSTOMIZE } from "../tools/manifests.ts";
import { apiClient, type ApiClient } from "./rig/api-client.ts";
import { FLYTE_ROLLOUT, flyteObjects } from "./rig/flyte-leftovers.ts";
import { startLoad, type Load } from "./rig/load.ts";
import { createNamespace } from "./rig/namespace.ts";
import { missingSecret, taskPod } from "./rig/pods.ts";

const TASKS = "flytesnacks-development";
/** As deploy/kustomize names it. */
const REPOSITORY = "ghcr.io/pod-secrets/webhook";
const VERSION = "0.0.0";

describe("in the place of Flyte's webhook", needing(nodeSupport(), helmSupport()), () => {
  const command = builtCommand();
  let folder: string;
  let cluster: ControlPlane;
  let api: ApiClient;
  let helm: Helm;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "pod-secrets-takeover-"));
    cluster = await startControlPlane();
    const node = await startNode(cluster);
    [api, helm] = await Promise.all([apiClient(cluster), helmFor(cluster)]);
    const archive = join(folder, "image.tar");
    await buildWebhookImage({ bundle: dirname(command().program), repository: REPOSITORY, version: VERSION, archive });
    await node.loadImage(archive);
    await node.addImage(await nodeImage());
    await createNamespace(api, TASKS);
  });

  afterAll(async () => {
    api?.[Symbol.dispose]();
    await cluster?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  beforeEach(async () => {
    await createNamespace(api, "flyte");
    await kubectl(["create", "-f", "-"], flyteObjects());
    await cluster.kubectl(FLYTE_ROLLOUT);
    await vi.waitFor(async () => {
      const { status, body } = await api.createPod(TASKS, taskPod());
      // It admits pods as they are.
      if (status !== 201 || missingSecret(body) === undefined) throw new Error(`Flyte's webhook answers ${status}`);
    }, 30_000);
  });

  afterEach(async () => {
    await helm(["uninstall", "pod-secrets", "--namespace", "pod-secrets", "--ignore-not-found", "--wait"]);
    await cluster.kubectl(["delete", "mutatingwebhookconfiguration", "flyte-pod-webhook", "--ignore-not-found"]);
    const global = ["clusterrole/flyte-flyte-pod-webhook", "clusterrolebinding/flyte-flyte-pod-webhook"];
    await cluster.kubectl(["delete", "namespace/flyte", ...global, "--ignore-not-found"]);
  });

  async function kubectl(args: readonly string[], items: readonly object[]): Promise<void> {
    await cluster.kubectl(args, { input: JSON.stringify({ apiVersion: "v1", kind: "List", items }) });
  }

  /** Either webhook may answer: what counts is that one does. */
  function load(): Load {
    return startLoad({ api, namespace: TASKS, creators: 4, pod: taskPod(), problem: () => undefined });
  }

  async function expectSecrets(): Promise<void> {
    const answers = await Promise.all(Array.from({ length: 20 }, () => api.createPod(TASKS, taskPod())));
    expect(answers.map(({ body }) => missingSecret(body)).filter((problem) => problem !== undefined)).toEqual([]);
  }

  test("beside it, in a namespace of its own, until Flyte's is switched off", async () => {
    const running = load();
    const inNamespace = ["--namespace", "pod-secrets", "--wait", "--timeout", "180s"];
    await helm(["install", "pod-secrets", CHART, ...inNamespace, "--create-namespace"]);
    // It goes on when pods are sent to ours.
    await helm(["test", "pod-secrets", "--namespace", "pod-secrets", "--timeout", "120s"]);
    await expectSecrets();
    // What Helm does when `webhook.enabled` becomes false.
    const gone = ["deployment", "service", "secret", "serviceaccount"].map((kind) => `${kind}/flyte-pod-webhook`);
    await cluster.kubectl(["delete", "--namespace", "flyte", ...gone]);
    await sleep(5000);
    await expectSecrets();
    const { failures, created } = await running.stop();

    expect(failures).toEqual([]);
    expect(created).toBeGreaterThan(50);
    const uninstalling = load();
    await helm(["uninstall", "pod-secrets", ...inNamespace]);
    expect((await uninstalling.stop()).failures).toEqual([]);
  });

  test("under its names, with its ConfigMap and its certificate", async () => {
    const running = load();
    const before = await secretData();
    await cluster.kubectl(["delete", "deployment", "flyte-pod-webhook", "--namespace", "flyte", "--cascade=orphan"]);
    await cluster.kubectl(["apply", "-k", join(KUSTOMIZE, "overlays/flyte")]);
    await cluster.kubectl(FLYTE_ROLLOUT);
    // Flyte's pod serves on while it drains.
    await sleep(20_000);
    await expectSecrets();
    const { failures, created } = await running.stop();

    expect(failures).toEqual([]);
    expect(created).toBeGreaterThan(50);
    expect(await secretData()).toEqual(before);
    const { stdout } = await cluster.kubectl([
      "get",
      "pods",
      "--namespace",
      "flyte",
      "-o",
      "jsonpath={.items[*].spec.containers[0].image}",
    ]);
    expect(stdout.split(" ")).toEqual([`${REPOSITORY}:${VERSION}`, `${REPOSITORY}:${VERSION}`]);
    const canRead = cluster.kubectl([
      ...["auth", "can-i", "get", "secrets", "--all-namespaces"],
      "--as=system:serviceaccount:flyte:flyte-pod-webhook",
    ]);
    await expect(canRead).rejects.toThrow(/^.*ended with 1: no/);
    // Its registration leads here now: it goes before what it leads to.
    await cluster.kubectl(["scale", "deployment", "flyte-pod-webhook", "--namespace", "flyte", "--replicas=0"]);
  });

  async function secretData(): Promise<unknown> {
    const { body } = await api.send<{ readonly data?: unknown }>(
      "GET",
      "/api/v1/namespaces/flyte/secrets/flyte-pod-webhook",
    );
    return body.data;
  }
});
