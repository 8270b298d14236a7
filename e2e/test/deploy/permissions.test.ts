/**
 * What the webhook may do in a cluster: the lists in deploy/rbac are the whole of it, RBAC and the admission policies
 * refuse the rest.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";

import { needing, startControlPlane, type ControlPlane, type KubectlError } from "../../cluster/src/index.ts";
import { helmSupport } from "../../tools/helm.ts";
import { isHook, renderChart, type Manifest } from "../../tools/manifests.ts";

const HELM = needing(helmSupport());
const LISTS = join(import.meta.dirname, "../../../deploy/rbac");
const WEBHOOK = "system:serviceaccount:pod-secrets:pod-secrets";
const CONFIGURATION = {
  apiVersion: "admissionregistration.k8s.io/v1",
  kind: "MutatingWebhookConfiguration",
  metadata: { name: "flyte-pod-webhook" },
};

let cluster: ControlPlane;

beforeAll(async () => {
  cluster = await startControlPlane();
  await apply([{ apiVersion: "v1", kind: "Namespace", metadata: { name: "pod-secrets" } }]);
});

afterAll(() => cluster?.stop());

async function apply(items: readonly object[], kubeconfig?: string): Promise<void> {
  const input = JSON.stringify({ apiVersion: "v1", kind: "List", items });
  await cluster.kubectl(["apply", "-f", "-"], { input, ...(kubeconfig === undefined ? {} : { kubeconfig }) });
}

/** Makes an object as somebody. @returns why it was refused, or `undefined` */
async function refusal(verb: "create" | "replace", object: object, kubeconfig: string): Promise<string | undefined> {
  try {
    await cluster.kubectl([verb, "-f", "-"], { input: JSON.stringify(object), kubeconfig });
    return undefined;
  } catch (error) {
    return (error as KubectlError).stderr;
  }
}

const PERMISSIONS = /^(ServiceAccount|(Cluster)?Role(Binding)?|ValidatingAdmissionPolicy(Binding)?)$/;

function permissionsOf(objects: readonly Manifest[]): readonly Manifest[] {
  return objects.filter(({ kind }) => PERMISSIONS.test(kind));
}

/** Lines of `kubectl auth can-i --list` that not every account has. */
async function rights(account: string, namespace = "pod-secrets"): Promise<string> {
  const list = async (user: string): Promise<readonly string[]> => {
    const kubeconfig = await cluster.kubeconfigFor({ user, groups: ["system:serviceaccounts"] });
    const { stdout } = await cluster.kubectl(["auth", "can-i", "--list", "--namespace", namespace], { kubeconfig });
    return stdout
      .trim()
      .split("\n")
      .map((line) => line.replaceAll(/ {2,}/g, "  ").trimEnd());
  };
  const common = new Set(await list("system:serviceaccount:pod-secrets:nobody"));
  const own = (await list(account)).filter((line) => !common.has(line));
  return `${own.toSorted((left, right) => (left < right ? -1 : 1)).join("\n")}\n`;
}

describe("a service account has the rights of its list, and no others", HELM, () => {
  test.each([
    { list: "webhook", values: [], account: WEBHOOK },
    { list: "webhook-with-events", values: ["production"], account: WEBHOOK },
    { list: "webhook-with-secret", values: ["secret"], account: WEBHOOK },
    { list: "webhook-with-cert-manager", values: ["cert-manager"], account: WEBHOOK },
    { list: "unregister", values: [], account: "system:serviceaccount:pod-secrets:pod-secrets-unregister" },
  ])("deploy/rbac/ $list", async ({ list, values, account }) => {
    const objects = permissionsOf(await renderChart({ values }));
    await apply(objects);
    try {
      await expect(await rights(account)).toMatchFileSnapshot(join(LISTS, `${list}.txt`));
      // Elsewhere only what belongs to no namespace.
      expect(await rights(account, "default")).not.toMatch(/^(secrets|pods)/m);
    } finally {
      await remove(objects);
    }
  });
});

test(
  "deploy/rbac/ webhook-with-embedded: it gets the Secrets of that one namespace, and lists none",
  HELM,
  async () => {
    const objects = permissionsOf(await renderChart({ values: ["embedded"] }));
    await apply(objects);
    try {
      await expect(await rights(WEBHOOK, "kube-public")).toMatchFileSnapshot(join(LISTS, "webhook-with-embedded.txt"));
      expect(await rights(WEBHOOK)).toBe(readFileSync(join(LISTS, "webhook.txt"), "utf8"));
      expect(await rights(WEBHOOK, "default")).not.toMatch(/^(secrets|pods)/m);
    } finally {
      await remove(objects);
    }
  },
);

async function remove(objects: readonly Manifest[]): Promise<void> {
  const input = JSON.stringify({ apiVersion: "v1", kind: "List", items: objects });
  await cluster.kubectl(["delete", "-f", "-"], { input });
}

describe("RBAC and the admission policies refuse what is none of the webhook's", HELM, () => {
  let webhook: string;

  beforeAll(async () => {
    await apply(permissionsOf((await renderChart({})).filter((object) => !isHook(object))));
    webhook = await cluster.kubeconfigFor({ user: WEBHOOK, groups: ["system:serviceaccounts"] });
    await untilPoliciesHold(webhook);
  });

  const secret = (name: string, namespace: string, more: object = {}): object => ({
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name, namespace },
    type: "Opaque",
    ...more,
  });

  test("it makes its own Secret", async () => {
    expect(await refusal("create", secret("flyte-pod-webhook", "pod-secrets"), webhook)).toBeUndefined();
  });

  test("a Secret of another name", async () => {
    expect(await refusal("create", secret("other", "pod-secrets"), webhook)).toContain(
      "the webhook may create no Secret but flyte-pod-webhook",
    );
  });

  test("a Secret that would make a token of another account", async () => {
    await cluster.kubectl(["delete", "secret", "flyte-pod-webhook", "-n", "pod-secrets", "--ignore-not-found"]);
    const token = {
      ...secret("flyte-pod-webhook", "pod-secrets", { type: "kubernetes.io/service-account-token" }),
      metadata: {
        name: "flyte-pod-webhook",
        namespace: "pod-secrets",
        annotations: { "kubernetes.io/service-account.name": "default" },
      },
    };

    expect(await refusal("create", token, webhook)).toContain("of type Opaque");
  });

  test("a Secret of another namespace", async () => {
    expect(await refusal("create", secret("flyte-pod-webhook", "default"), webhook)).toMatch(/forbidden/i);
  });

  test.each([
    [["get", "secrets", "-n", "pod-secrets"]],
    [["get", "secret", "other", "-n", "pod-secrets"]],
    [["get", "secrets", "-A"]],
    [["delete", "secret", "other", "-n", "pod-secrets"]],
    [["get", "pods", "-n", "pod-secrets"]],
    [["delete", "mutatingwebhookconfiguration", "flyte-pod-webhook"]],
    [["get", "mutatingwebhookconfigurations"]],
    [["get", "clusterrole", "cluster-admin"]],
    [["create", "token", "default", "-n", "pod-secrets"]],
  ])("kubectl %j", async (args) => {
    await expect(cluster.kubectl(args, { kubeconfig: webhook })).rejects.toThrow(/forbidden/i);
  });

  describe("a registration", () => {
    const entry = (change: object = {}): object => ({
      name: "flyte-pod-webhook.flyte.org",
      clientConfig: { service: { name: "flyte-pod-webhook", namespace: "pod-secrets", path: "/mutate--v1-pod" } },
      rules: [{ operations: ["CREATE"], apiGroups: [""], apiVersions: ["v1"], resources: ["pods"] }],
      // Of a Service that is not there: nothing of this test is to be called.
      namespaceSelector: { matchLabels: { none: "none" } },
      objectSelector: { matchLabels: { "inject-flyte-secrets": "true" } },
      failurePolicy: "Ignore",
      sideEffects: "None",
      admissionReviewVersions: ["v1"],
      ...change,
    });
    const registration = (...webhooks: readonly object[]): object => ({ ...CONFIGURATION, webhooks });

    test("of another name", async () => {
      const other = { ...CONFIGURATION, metadata: { name: "other" }, webhooks: [entry()] };

      expect(await refusal("create", other, webhook)).toContain(
        "no MutatingWebhookConfiguration but flyte-pod-webhook",
      );
    });

    test.each([
      ["that listens to Secrets", { rules: [rule({ resources: ["secrets"] })] }, "the creation of pods alone"],
      ["that listens to all", { rules: [rule({ apiGroups: ["*"], resources: ["*"] })] }, "the creation of pods alone"],
      ["that listens to updates", { rules: [rule({ operations: ["*"] })] }, "the creation of pods alone"],
      ["for all pods of the cluster", { objectSelector: {} }, "pods that a selector chooses alone"],
      ["that leads out of the cluster", { clientConfig: { url: "https://evil.example.com" } }, "no Service but"],
      [
        "that leads to another namespace",
        { clientConfig: { service: { name: "flyte-pod-webhook", namespace: "default" } } },
        "no Service but",
      ],
    ])("%s", async (_, change, words) => {
      expect(await refusal("create", registration(entry(change)), webhook)).toContain(words);
    });

    test("of its own is made, and changed beside the entry of somebody else, which it may not change", async () => {
      const foreign = entry({ name: "someone.else.example.com", rules: [rule({ resources: ["configmaps"] })] });
      expect(await refusal("create", registration(entry()), webhook)).toBeUndefined();
      await apply([registration(entry(), foreign)]);

      const longer = entry({ timeoutSeconds: 5 });
      const stored = await entries();
      expect(await refusal("replace", registration(longer, stored[1] ?? {}), webhook)).toBeUndefined();
      const taken = { ...stored[1], clientConfig: { url: "https://evil.example.com" } };
      expect(await refusal("replace", registration(longer, taken), webhook)).toContain("no Service but");
    });
  });

  async function entries(): Promise<readonly object[]> {
    const { stdout } = await cluster.kubectl([
      "get",
      "mutatingwebhookconfiguration",
      "flyte-pod-webhook",
      "-o",
      "json",
    ]);
    return (JSON.parse(stdout) as { readonly webhooks: readonly object[] }).webhooks;
  }
});

function rule(change: object): object {
  return { operations: ["CREATE"], apiGroups: [""], apiVersions: ["v1"], resources: ["pods"], ...change };
}

/** The API server compiles policies a moment after they are made. */
async function untilPoliciesHold(webhook: string): Promise<void> {
  const probes = [
    { apiVersion: "v1", kind: "Secret", metadata: { name: "probe", namespace: "pod-secrets" } },
    { ...CONFIGURATION, metadata: { name: "probe" } },
  ];
  for (const probe of probes) {
    const seeRefusal = async (): Promise<void> => expect(await refusalOfDryRun(probe, webhook)).toBeDefined();
    await vi.waitFor(seeRefusal, { timeout: 30_000, interval: 200 });
  }
}

async function refusalOfDryRun(object: object, kubeconfig: string): Promise<string | undefined> {
  try {
    await cluster.kubectl(["create", "--dry-run=server", "-f", "-"], { input: JSON.stringify(object), kubeconfig });
    return undefined;
  } catch (error) {
    return (error as KubectlError).stderr;
  }
}
