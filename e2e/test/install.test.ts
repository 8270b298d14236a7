/**
 * The chart on a real node: installed by the real Helm with the image by deploy/Dockerfile, changed, rolled back and
 * taken away, while pods that want secrets are created without pause.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";

import { builtCommand } from "../../apps/webhook/test/cli/built-command.ts";
import { nodeSupport, startControlPlane, startNode, type ControlPlane } from "../cluster/src/index.ts";
import { buildWebhookImage, type WebhookImage } from "../images/webhook-image.ts";
import { helmFor, type Helm } from "../tools/helm-client.ts";
import { CHART } from "../tools/manifests.ts";
import { defineCustomResources } from "./deploy/custom-resources.ts";
import { apiClient, type ApiClient } from "./rig/api-client.ts";
import { startLoad, type Load } from "./rig/load.ts";
import { createNamespace } from "./rig/namespace.ts";
import { missingSecret, taskPod } from "./rig/pods.ts";
import { taskOutput } from "./rig/task-output.ts";

const support = nodeSupport();
if (support.kind === "unsupported") console.warn(`The chart is not installed: ${support.reason}. ${support.fix}`);

const NAMESPACE = "pod-secrets";
const TASKS = "flytesnacks-development";
const PRODUCTION = "flytesnacks-production";
const RESTRICTED = { "pod-security.kubernetes.io/enforce": "restricted" };
const CREATORS = 4;

describe.skipIf(support.kind === "unsupported")("the chart", () => {
  const command = builtCommand();
  const folder = mkdtempSync(join(tmpdir(), "pod-secrets-install-"));
  let cluster: ControlPlane;
  let api: ApiClient;
  let helm: Helm;
  let image: WebhookImage;

  beforeAll(async () => {
    cluster = await startControlPlane();
    // How fast a pod sees that its ConfigMap has changed; a minute by default.
    const node = await startNode(cluster, { kubeletConfiguration: { syncFrequency: "3s" } });
    [api, helm] = await Promise.all([apiClient(cluster), helmFor(cluster)]);
    for (const version of ["1.0.0", "1.0.1"]) {
      const archive = join(folder, `${version}.tar`);
      image = await buildWebhookImage({ bundle: dirname(command().program), version, archive });
      await node.loadImage(archive);
      rmSync(archive);
    }
    for (const namespace of [NAMESPACE, TASKS, PRODUCTION]) await createNamespace(api, namespace, RESTRICTED);
    await createSecret(TASKS, "user-info", "password=from-kubernetes", "client.pem=a file");
    await createSecret(PRODUCTION, "user-info", "password=of-production");
    await createSecret(NAMESPACE, "warehouse", "password=from-the-webhook");
    await createSecret(NAMESPACE, "api-tokens", "TOKEN=from-its-env");
    await createSecret(NAMESPACE, "storage-credentials", "access_key=AKIA", "secret_key=of-storage", "other=not-given");
  });

  afterAll(async () => {
    api?.[Symbol.dispose]();
    await cluster?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** By hand, as a user would. */
  async function createSecret(namespace: string, name: string, ...literals: readonly string[]): Promise<void> {
    const data = literals.map((literal) => `--from-literal=${literal}`);
    await cluster.kubectl(["create", "secret", "generic", name, "--namespace", namespace, ...data]);
  }

  /** The values of all releases of this file. */
  function values(version: string, ...more: readonly string[]): readonly string[] {
    const pairs = [
      `image.repository=${image.repository}`,
      `image.tag=${version}`,
      "globalSecrets[0].secretName=warehouse",
      "globalSecrets[1].secretName=api-tokens,globalSecrets[1].as=env,globalSecrets[1].keys={TOKEN}",
      "storage.secretName=storage-credentials,storage.region=us-east-2",
      ...more,
    ];
    return pairs.flatMap((pair) => ["--set", pair]);
  }

  const inNamespace = ["--namespace", NAMESPACE, "--wait", "--timeout", "180s"];

  function load(): Load {
    return startLoad({ api, namespace: TASKS, creators: CREATORS, pod: restricted(taskPod()), problem: missingSecret });
  }

  async function webhookPods(): Promise<readonly RunningPod[]> {
    const selector = "labelSelector=app.kubernetes.io/component=webhook";
    const { body } = await api.send<{ items: RunningPod[] }>("GET", `/api/v1/namespaces/${NAMESPACE}/pods?${selector}`);
    return body.items.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  }

  test("is ready when Helm says so, in a namespace that enforces Pod Security `restricted`", async () => {
    await helm(["install", "pod-secrets", CHART, ...inNamespace, ...values("1.0.0")]);

    const pods = await webhookPods();
    expect(
      pods.map(({ status }) => status.containerStatuses?.map(({ ready, restartCount }) => ({ ready, restartCount }))),
    ).toEqual([[{ ready: true, restartCount: 0 }], [{ ready: true, restartCount: 0 }]]);
  });

  test("gives running tasks a Kubernetes Secret as env var and as file, and global secrets", async () => {
    const output = await taskOutput(cluster, api, {
      namespace: TASKS,
      name: "task",
      requests: [
        { group: "user-info", key: "password", mountRequirement: "ENV_VAR" },
        { group: "user-info", key: "client.pem", mountRequirement: "FILE" },
        { group: "warehouse", key: "password" },
        { group: "api-tokens", key: "token" },
      ],
      script: [
        printed("_FSEC_USER-INFO_PASSWORD"),
        "cat /etc/flyte/secrets/user-info/client.pem; echo",
        printed("_FSEC_WAREHOUSE_PASSWORD"),
        printed("_FSEC_API-TOKENS_TOKEN"),
      ].join("; "),
    });

    expect(output.trim().split("\n")).toEqual(["from-kubernetes", "a file", "from-the-webhook", "from-its-env"]);
  });

  test("gives each namespace its own Secret of one name", async () => {
    const requests = [{ group: "user-info", key: "password", mountRequirement: "ENV_VAR" } as const];
    const task = { name: "own", requests, script: printed("_FSEC_USER-INFO_PASSWORD") };

    expect((await taskOutput(cluster, api, { ...task, namespace: TASKS })).trim()).toBe("from-kubernetes");
    expect((await taskOutput(cluster, api, { ...task, namespace: PRODUCTION })).trim()).toBe("of-production");
  });

  test("gives storage credentials that it was told by the name of their Secret, from memory", async () => {
    const output = await taskOutput(cluster, api, {
      namespace: TASKS,
      name: "storage",
      requests: ["access_key", "secret_key", "region"].map((name) => ({ group: "storage", key: name })),
      script: ["ACCESS_KEY", "SECRET_KEY", "REGION"].map((name) => printed(`_FSEC_STORAGE_${name}`)).join("; "),
    });
    expect(output.trim().split("\n")).toEqual(["AKIA", "of-storage", "us-east-2"]);

    const look = `const { readFileSync, readdirSync } = require("node:fs");
      const mount = readFileSync("/proc/mounts", "utf8").split("\\n").find((line) => line.includes(" /etc/secrets/storage "));
      console.log(JSON.stringify({ kind: mount?.split(" ")[2], keys: readdirSync("/etc/secrets/storage").filter((name) => name[0] !== ".") }));`;
    const exec = ["exec", "deployment/pod-secrets", "--namespace", NAMESPACE, "--", "/nodejs/bin/node", "-e", look];
    expect(JSON.parse((await cluster.kubectl(exec)).stdout)).toEqual({
      kind: "tmpfs",
      keys: ["access_key", "secret_key"],
    });
  });

  test("passes its own test", async () => {
    const output = await helm(["test", "pod-secrets", "--namespace", NAMESPACE, "--logs", "--timeout", "120s"]);

    expect(output).toMatch(/Phase:\s+Succeeded/);
    expect(output).toContain("The pod got: ");
    expect(await leftOf("test")).toEqual([]);
  });

  test("takes up a changed config in the running processes", async () => {
    const before = (await webhookPods()).map(({ metadata }) => metadata.uid);
    const hold = "config.managers[0].use=k8s,config.managers[0].options.missing=hold";
    await helm(["upgrade", "pod-secrets", CHART, ...inNamespace, ...values("1.0.0", hold)]);

    // With `hold`, whoever creates the pod is warned that it may have to wait.
    const warnings = async (): Promise<void> => {
      const answers = await Promise.all(Array.from({ length: 8 }, () => api.createPod(TASKS, restricted(taskPod()))));
      expect(answers.filter((answer) => answer.warnings.length === 0)).toEqual([]);
    };
    await vi.waitFor(warnings, { timeout: 90_000, interval: 1000 });
    expect((await webhookPods()).map(({ metadata }) => metadata.uid)).toEqual(before);
  });

  test("is upgraded and rolled back without a pod that is refused or has no secret", async () => {
    const running = load();
    const before = (await webhookPods()).map(({ metadata }) => metadata.uid);
    await helm(["upgrade", "pod-secrets", CHART, ...inNamespace, ...values("1.0.1")]);
    const upgraded = await webhookPods();
    await helm(["rollback", "pod-secrets", "1", ...inNamespace]);
    const rolledBack = await webhookPods();
    // Old replicas serve on while they drain.
    await sleep(15_000);
    const { created, failures } = await running.stop();

    expect(upgraded.map(({ metadata }) => metadata.uid)).not.toEqual(expect.arrayContaining(before));
    expect(upgraded.map(({ spec }) => spec.containers[0]?.image)).toEqual([
      `${image.repository}:1.0.1`,
      `${image.repository}:1.0.1`,
    ]);
    expect(rolledBack.map(({ spec }) => spec.containers[0]?.image)).toEqual([
      `${image.repository}:1.0.0`,
      `${image.repository}:1.0.0`,
    ]);
    expect(failures).toEqual([]);
    expect(created).toBeGreaterThan(100);
  });

  test("comes back by itself when all replicas are killed", async () => {
    const before = new Set((await webhookPods()).map(({ metadata }) => metadata.uid));
    const selector = "labelSelector=app.kubernetes.io/component=webhook";
    await api.send("DELETE", `/api/v1/namespaces/${NAMESPACE}/pods?${selector}&gracePeriodSeconds=0`);

    const seeOthers = async (): Promise<void> => {
      const pods = await webhookPods();
      const isReady = ({ metadata, status }: RunningPod): boolean =>
        !before.has(metadata.uid) && status.containerStatuses?.[0]?.ready === true;
      expect(pods.filter(isReady)).toHaveLength(2);
    };
    await vi.waitFor(seeOthers, { timeout: 90_000, interval: 500 });
    const { body } = await api.createPod(TASKS, restricted(taskPod()));
    expect(missingSecret(body)).toBeUndefined();
  });

  test("goes without a refused pod, and leaves nothing behind", async () => {
    const noProblem = (): undefined => undefined;
    const running = startLoad({
      api,
      namespace: TASKS,
      creators: CREATORS,
      pod: restricted(taskPod()),
      problem: noProblem,
    });
    await helm(["uninstall", "pod-secrets", ...inNamespace]);
    await vi.waitFor(async () => expect(await webhookPods()).toEqual([]), { timeout: 60_000, interval: 500 });
    const { failures } = await running.stop();

    expect(failures).toEqual([]);
    expect(await leftOf()).toEqual([]);
  });

  test("installs again where it was", async () => {
    await helm(["install", "pod-secrets", CHART, ...inNamespace, ...values("1.0.0")]);
    const { body } = await api.createPod(TASKS, restricted(taskPod()));

    expect(missingSecret(body)).toBeUndefined();
    await helm(["uninstall", "pod-secrets", ...inNamespace]);
  });

  test("serves a certificate of yours, and registers its CA", async () => {
    await createCertificate("webhook-certificate");
    const source = ["certificates.source=secret", "certificates.secretName=webhook-certificate"];
    await helm(["install", "pod-secrets", CHART, ...inNamespace, ...values("1.0.0", ...source)]);
    const { body } = await api.createPod(TASKS, restricted(taskPod()));

    expect(missingSecret(body)).toBeUndefined();
    await helm(["uninstall", "pod-secrets", ...inNamespace]);
    expect(await leftOf()).toEqual([]);
  });

  test("has no access to the cluster where cert-manager makes its certificate and writes its CA", async () => {
    await defineCustomResources(cluster);
    // This test is cert-manager.
    await createCertificate("flyte-pod-webhook");
    await helm([
      "install",
      "pod-secrets",
      CHART,
      ...inNamespace,
      ...values("1.0.0", "certificates.source=cert-manager"),
    ]);
    const ca = Buffer.from(cluster.caCertificate).toString("base64");
    await api.send("PATCH", "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/flyte-pod-webhook", [
      { op: "add", path: "/webhooks/0/clientConfig/caBundle", value: ca },
    ]);

    const seeInjection = async (): Promise<void> => {
      const { body } = await api.createPod(TASKS, restricted(taskPod()));
      expect(missingSecret(body)).toBeUndefined();
    };
    await vi.waitFor(seeInjection, { timeout: 30_000, interval: 500 });
    const look = "console.log(require('node:fs').existsSync('/var/run/secrets/kubernetes.io'))";
    const exec = ["exec", "deployment/pod-secrets", "--namespace", NAMESPACE, "--", "/nodejs/bin/node", "-e", look];
    expect((await cluster.kubectl(exec)).stdout.trim()).toBe("false");
    const running = startLoad({
      api,
      namespace: TASKS,
      creators: CREATORS,
      pod: restricted(taskPod()),
      problem: () => undefined,
    });
    await helm(["uninstall", "pod-secrets", ...inNamespace]);
    expect((await running.stop()).failures).toEqual([]);
  });

  /** A certificate for the Service, of the cluster's own CA. */
  async function createCertificate(name: string): Promise<void> {
    const { certificate, key } = await cluster.authority.issueServer("webhook", [`flyte-pod-webhook.${NAMESPACE}.svc`]);
    const files = { "ca.crt": cluster.caCertificate, "tls.crt": certificate, "tls.key": key };
    await createSecret(NAMESPACE, name, ...Object.entries(files).map(([file, text]) => `${file}=${text}`));
  }

  /** Names of objects of the release, or of one of its parts, wherever they are. */
  async function leftOf(component?: string): Promise<readonly string[]> {
    const namespaced =
      "secrets,configmaps,serviceaccounts,services,deployments,replicasets,jobs,poddisruptionbudgets,roles,rolebindings";
    const global =
      "clusterroles,clusterrolebindings,validatingadmissionpolicies,validatingadmissionpolicybindings,mutatingwebhookconfigurations";
    const selector = component === undefined ? [] : ["--selector", `app.kubernetes.io/component=${component}`];
    const list = async (kinds: string, ...place: readonly string[]): Promise<readonly string[]> => {
      const { stdout } = await cluster.kubectl(["get", kinds, ...place, "-o", "name", ...selector]);
      return stdout.split("\n").filter((name) => /pod-secrets|flyte-pod-webhook/.test(name));
    };
    return [...(await list(namespaced, "--namespace", NAMESPACE)), ...(await list(global))];
  }
});

interface RunningPod {
  readonly metadata: { readonly uid: string; readonly deletionTimestamp?: string };
  readonly spec: { readonly containers: readonly { readonly image: string }[] };
  readonly status: {
    readonly containerStatuses?: readonly { readonly ready: boolean; readonly restartCount: number }[];
  };
}

/** A command that prints an env var. A shell, process 1 here, does not see one with `-` in its name itself. */
function printed(name: string): string {
  return `tr '\\0' '\\n' < /proc/1/environ | sed -n 's/^${name}=//p'`;
}

/** The pod as Pod Security `restricted` wants it. */
function restricted(pod: ReturnType<typeof taskPod>): object {
  const containers = pod.spec?.containers.map((container) => ({
    ...container,
    securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
  }));
  const securityContext = { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } };
  return { ...pod, spec: { ...pod.spec, securityContext, containers } };
}
