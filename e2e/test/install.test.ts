/**
 * The chart on a real node: installed by the real Helm with the image by deploy/Dockerfile, changed, rolled back and
 * taken away, while pods that want secrets are created without pause.
 */
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";

import { MUTATING_CONFIGURATIONS, mutatingConfigurationPath } from "../../apps/webhook/src/kubernetes/api-paths.ts";
import { builtCommand } from "../../apps/webhook/test/cli/built-command.ts";
import { needing, nodeSupport } from "../cluster/src/index.ts";
import { helmSupport } from "../tools/helm.ts";
import { defineCustomResources } from "./deploy/custom-resources.ts";
import {
  CHART_NAMESPACE,
  REPOSITORY,
  startChartCluster,
  type ChartCluster,
  type WebhookPod,
} from "./rig/chart-cluster.ts";
import { jobOutput } from "./rig/job-output.ts";
import { startLoad, type Load } from "./rig/load.ts";
import { createNamespace } from "./rig/namespace.ts";
import { missingSecret, taskPod } from "./rig/pods.ts";
import { printed, restricted, runningTaskPod, taskOutput } from "./rig/task-output.ts";

const TASKS = "flytesnacks-development";
const PRODUCTION = "flytesnacks-production";
const RESTRICTED = { "pod-security.kubernetes.io/enforce": "restricted" };
const VALUES = [
  "globalSecrets[0].secretName=warehouse",
  "globalSecrets[1].secretName=api-tokens,globalSecrets[1].as=env,globalSecrets[1].keys={TOKEN}",
  "storage.secretName=storage-credentials,storage.region=us-east-2",
  // So that new replicas soon have their share.
  "config.server.connectionSeconds=5",
];
const REGISTRATION = mutatingConfigurationPath("flyte-pod-webhook");

interface Registered {
  readonly webhooks: readonly { readonly clientConfig: { readonly caBundle: string } }[];
}

const CREATORS = 4;
const POD = restricted(taskPod());

describe("the chart", needing(nodeSupport(), helmSupport()), () => {
  const command = builtCommand();
  let chart: ChartCluster;

  beforeAll(async () => {
    chart = await startChartCluster(dirname(command().program));
    for (const namespace of [CHART_NAMESPACE, TASKS, PRODUCTION])
      await createNamespace(chart.api, namespace, RESTRICTED);
    await chart.createSecret(TASKS, "user-info", "password=from-kubernetes", "client.pem=a file");
    await chart.createSecret(PRODUCTION, "user-info", "password=of-production");
    // A global secret has the same name, and wins.
    await chart.createSecret(TASKS, "warehouse", "password=of-the-namespace");
    await chart.createSecret(CHART_NAMESPACE, "warehouse", "password=from-the-webhook");
    await chart.createSecret(CHART_NAMESPACE, "api-tokens", "TOKEN=from-its-env");
    await chart.createSecret(
      CHART_NAMESPACE,
      "storage-credentials",
      "access_key=AKIA",
      "secret_key=of-storage",
      "other=no",
    );
  });

  afterAll(() => chart?.[Symbol.asyncDispose]());

  /** @param problem why a pod that was taken is not right; any is by default */
  function load(problem: (pod: unknown) => string | undefined = () => undefined): Load {
    return startLoad({ api: chart.api, namespace: TASKS, creators: CREATORS, pod: POD, problem });
  }

  async function expectSecret(): Promise<void> {
    const { body } = await chart.api.createPod(TASKS, POD);
    expect(missingSecret(body)).toBeUndefined();
  }

  const uids = (pods: readonly WebhookPod[]): readonly string[] => pods.map(({ metadata }) => metadata.uid);
  const images = (pods: readonly WebhookPod[]): readonly string[] =>
    pods.map(({ spec }) => spec.containers[0]?.image.split(":").at(-1) ?? "");

  describe("installed in a namespace that enforces Pod Security `restricted`", () => {
    beforeAll(() => chart.release("install", "1.0.0", VALUES));
    afterAll(() => chart.uninstall());

    test("is ready when Helm says so, with two replicas", async () => {
      const pods = await chart.webhookPods();

      expect(pods.map(({ status }) => status.containerStatuses?.map(({ ready }) => ready))).toEqual([[true], [true]]);
      await expectSecret();
    });

    test("gives running tasks a Kubernetes Secret as env var and as file, and global secrets", async () => {
      const output = await taskOutput(chart.cluster, chart.api, {
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

    test("gives the pods that a controller makes from a template their secrets", async () => {
      const requests = [
        { group: "user-info", key: "password", mountRequirement: "ENV_VAR" },
        { group: "warehouse", key: "password" },
      ] as const;
      const script = [printed("_FSEC_USER-INFO_PASSWORD"), printed("_FSEC_WAREHOUSE_PASSWORD")].join("; ");
      const output = await jobOutput(chart.cluster, TASKS, runningTaskPod({ name: "of-a-job", requests, script }));

      expect(output.trim().split("\n")).toEqual(["from-kubernetes", "from-the-webhook"]);
    });

    test("gives each namespace its own Secret of one name", async () => {
      const requests = [{ group: "user-info", key: "password", mountRequirement: "ENV_VAR" } as const];
      const task = { name: "own", requests, script: printed("_FSEC_USER-INFO_PASSWORD") };
      const output = (namespace: string): Promise<string> =>
        taskOutput(chart.cluster, chart.api, { ...task, namespace });

      expect(await output(TASKS)).toBe("from-kubernetes\n");
      expect(await output(PRODUCTION)).toBe("of-production\n");
    });

    test("gives storage credentials that it was told by the name of their Secret, from memory", async () => {
      const output = await taskOutput(chart.cluster, chart.api, {
        namespace: TASKS,
        name: "storage",
        requests: ["access_key", "secret_key", "region"].map((key) => ({ group: "storage", key })),
        script: ["ACCESS_KEY", "SECRET_KEY", "REGION"].map((key) => printed(`_FSEC_STORAGE_${key}`)).join("; "),
      });
      expect(output.trim().split("\n")).toEqual(["AKIA", "of-storage", "us-east-2"]);

      const mounts = await chart.inWebhook('console.log(require("node:fs").readFileSync("/proc/mounts", "utf8"))');
      expect(mounts).toMatch(/^tmpfs \/etc\/secrets\/storage tmpfs /m);
      const files = await chart.inWebhook('console.log(require("node:fs").readdirSync("/etc/secrets/storage").join())');
      expect(files.split(",").filter((name) => !name.startsWith("."))).toEqual(["access_key", "secret_key"]);
    });

    test("passes its own test", async () => {
      const args = ["test", "pod-secrets", "--namespace", CHART_NAMESPACE, "--logs", "--timeout", "120s"];
      const output = await chart.helm(args);

      expect(output).toMatch(/Phase:\s+Succeeded/);
      expect(output).toContain("The pod got: ");
      expect(await chart.objects("test")).toEqual([]);
    });

    test("takes up a changed config in the running processes", async () => {
      const before = uids(await chart.webhookPods());
      const hold = "config.managers[0].use=k8s,config.managers[0].options.missing=hold";
      await chart.release("upgrade", "1.0.0", [...VALUES, hold]);

      // With `hold`, whoever creates the pod is warned that it may have to wait.
      const seeWarnings = async (): Promise<void> => {
        const answers = await Promise.all(Array.from({ length: 8 }, () => chart.api.createPod(TASKS, POD)));
        expect(answers.filter((answer) => answer.warnings.length === 0)).toEqual([]);
      };
      await vi.waitFor(seeWarnings, { timeout: 90_000, interval: 1000 });
      expect(uids(await chart.webhookPods())).toEqual(before);
      await chart.rollback();
    });

    test("is upgraded and rolled back without a pod that is refused or has no secret", async () => {
      const running = load(missingSecret);
      const before = uids(await chart.webhookPods());
      await chart.release("upgrade", "1.0.1", VALUES);
      const upgraded = await chart.webhookPods();
      await chart.rollback();
      const rolledBack = await chart.webhookPods();
      // Old replicas serve on while they drain.
      await sleep(15_000);
      const { created, failures } = await running.stop();

      expect(uids(upgraded).filter((uid) => before.includes(uid))).toEqual([]);
      expect(images(upgraded)).toEqual(["1.0.1", "1.0.1"]);
      expect(images(rolledBack)).toEqual(["1.0.0", "1.0.0"]);
      expect(failures).toEqual([]);
      expect(created).toBeGreaterThan(100);
    });

    test("is scaled out and in without a pod that is refused or has no secret, and all replicas get their share", async () => {
      const running = load(missingSecret);
      await scale(4);
      const seeShares = async (): Promise<void> => {
        const counts = await Promise.all((await chart.webhookPods()).map(({ metadata }) => admissions(metadata.name)));
        expect(counts.filter((count) => count > 0)).toHaveLength(4);
      };
      await vi.waitFor(seeShares, { timeout: 90_000, interval: 1000 });
      const [registration, ...others] = await registrations();
      await scale(2);
      // Old replicas serve on while they drain.
      await sleep(15_000);
      const { failures } = await running.stop();

      expect(failures).toEqual([]);
      expect(others).toEqual([]);
      const cas = Buffer.from(registration?.webhooks[0]?.clientConfig.caBundle ?? "", "base64").toString();
      expect(cas.match(/BEGIN CERTIFICATE/g)).toHaveLength(1);
    });

    async function scale(replicas: number): Promise<void> {
      const deployment = ["deployment/pod-secrets", "--namespace", CHART_NAMESPACE];
      await chart.cluster.kubectl(["scale", ...deployment, `--replicas=${replicas}`]);
      await chart.cluster.kubectl(["rollout", "status", ...deployment, "--timeout=120s"]);
    }

    /** That a replica has answered. */
    async function admissions(pod: string): Promise<number> {
      const metrics = "fetch('http://127.0.0.1:8081/metrics').then((answer) => answer.text()).then(console.log)";
      const changed = /^pod_secrets_admissions_total\{outcome="changed"\} (\d+)$/m;
      return Number(changed.exec(await chart.inWebhook(metrics, pod))?.[1] ?? 0);
    }

    async function registrations(): Promise<readonly Registered[]> {
      return (await chart.api.send<{ readonly items: readonly Registered[] }>("GET", MUTATING_CONFIGURATIONS)).body
        .items;
    }

    test("comes back by itself when all replicas are killed", async () => {
      const before = uids(await chart.webhookPods());
      const selector = "labelSelector=app.kubernetes.io/component=webhook&gracePeriodSeconds=0";
      await chart.api.send("DELETE", `/api/v1/namespaces/${CHART_NAMESPACE}/pods?${selector}`);

      const seeOthers = async (): Promise<void> => {
        const isReady = ({ metadata, status }: WebhookPod): boolean =>
          !before.includes(metadata.uid) && status.containerStatuses?.[0]?.ready === true;
        expect((await chart.webhookPods()).filter(isReady)).toHaveLength(2);
      };
      await vi.waitFor(seeOthers, { timeout: 90_000, interval: 500 });
      await vi.waitFor(expectSecret, { timeout: 30_000, interval: 500 });
    });
  });

  describe("uninstalled", () => {
    afterEach(() => chart.uninstall());

    test("goes without a refused pod, leaves nothing behind, and installs again", async () => {
      await chart.release("install", "1.0.0");
      await expectSecret();
      const running = load();
      await chart.uninstall();
      const seeNone = async (): Promise<void> => expect(await chart.webhookPods()).toEqual([]);
      await vi.waitFor(seeNone, { timeout: 60_000, interval: 500 });
      expect((await running.stop()).failures).toEqual([]);
      expect(await chart.objects()).toEqual([]);

      await chart.release("install", "1.0.0");
      await expectSecret();
    });
  });

  describe("with a certificate that is not its own", () => {
    afterEach(() => chart.uninstall());

    /** For the Service, of the cluster's own CA. */
    async function createCertificate(name: string): Promise<void> {
      const { authority, caCertificate } = chart.cluster;
      const { certificate, key } = await authority.issueServer("webhook", [`flyte-pod-webhook.${CHART_NAMESPACE}.svc`]);
      const files = [`ca.crt=${caCertificate}`, `tls.crt=${certificate}`, `tls.key=${key}`];
      await chart.createSecret(CHART_NAMESPACE, name, ...files);
    }

    test("serves one of yours, and registers its CA", async () => {
      await createCertificate("webhook-certificate");
      const source = ["certificates.source=secret", "certificates.secretName=webhook-certificate"];
      await chart.release("install", "1.0.0", source);

      await expectSecret();
    });

    test("serves one that a Job has made with `init-certs`, and registers its CA before it is ready", async () => {
      const kubectl = (...args: readonly string[]): Promise<unknown> =>
        chart.cluster.kubectl([...args, "--namespace", CHART_NAMESPACE]);
      await kubectl("create", "serviceaccount", "init-certs");
      await kubectl("create", "role", "init-certs", "--resource=secrets", "--verb=get,create,update");
      await kubectl(
        "create",
        "rolebinding",
        "init-certs",
        "--role=init-certs",
        `--serviceaccount=${CHART_NAMESPACE}:init-certs`,
      );
      const container = {
        name: "main",
        image: `${REPOSITORY}:1.0.0`,
        imagePullPolicy: "IfNotPresent",
        args: ["init-certs"],
      };
      const spec = { restartPolicy: "Never", serviceAccountName: "init-certs", containers: [container] };
      await jobOutput(chart.cluster, CHART_NAMESPACE, restricted({ metadata: { name: "init-certs" }, spec }));
      const secret = `/api/v1/namespaces/${CHART_NAMESPACE}/secrets/flyte-pod-webhook`;
      const { body: made } = await chart.api.send<{ readonly data: Readonly<Record<string, string>> }>("GET", secret);
      onTestFinished(() => void kubectl("delete", "secret", "flyte-pod-webhook"));
      expect(Object.keys(made.data).toSorted()).toEqual(["ca.crt", "tls.crt", "tls.key"]);

      // Helm waits until it is ready.
      await chart.release("install", "1.0.0", ["certificates.source=secret"]);
      const { body } = await chart.api.send<Registered>("GET", REGISTRATION);
      expect(body.webhooks[0]?.clientConfig.caBundle).toBe(made.data["ca.crt"]);
      await expectSecret();
    });

    test("has no access to the cluster where cert-manager makes its certificate and writes its CA", async () => {
      await defineCustomResources(chart.cluster);
      // This test is cert-manager.
      await createCertificate("certificate-of-cert-manager");
      const source = ["certificates.source=cert-manager", "certificates.secretName=certificate-of-cert-manager"];
      await chart.release("install", "1.0.0", source);
      const ca = Buffer.from(chart.cluster.caCertificate).toString("base64");
      const bundle = { op: "add", path: "/webhooks/0/clientConfig/caBundle", value: ca };
      expect(await chart.api.send("PATCH", REGISTRATION, [bundle])).toMatchObject({ status: 200 });

      await vi.waitFor(expectSecret, { timeout: 30_000, interval: 500 });
      const hasToken = "console.log(require('node:fs').existsSync('/var/run/secrets/kubernetes.io'))";
      expect(await chart.inWebhook(hasToken)).toBe("false");
      const running = load();
      await chart.uninstall();
      expect((await running.stop()).failures).toEqual([]);
    });
  });
});
