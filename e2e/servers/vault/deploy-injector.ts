/** The Vault Agent Injector in a cluster with a node, as HashiCorp's chart deploys it, on an image of this machine. */
import { busyboxImage, type ControlPlane, type LocalImage } from "../../cluster/src/index.ts";
import type { VaultPrograms } from "./build.ts";

const IMAGE = "docker.io/local/vault:1.21.0";
const NAMESPACE = "vault";
const SERVICE = "vault-agent-injector-svc";
const NAME = "vault-agent-injector";

/** Name of its registration where the release is named `vault`, and of the entry in it. */
export const INJECTOR_REGISTRATION = "vault-agent-injector-cfg";

/** Vault beside the shell and the small programs that the agent's container calls. */
export async function vaultImage({ vault }: VaultPrograms): Promise<LocalImage> {
  const { files } = await busyboxImage();
  return {
    name: IMAGE,
    files: { ...files, "/usr/bin/vault": { from: vault }, "/usr/bin/vault-k8s": { link: "vault" } },
    entrypoint: ["/usr/bin/vault"],
  };
}

/** Deploys it, and waits until it has put its certificate into its registration. @param vaultAddress as pods see it */
export async function deployInjector({ kubectl }: ControlPlane, vaultAddress: string): Promise<void> {
  const items = [...rights(), deployment(vaultAddress), service(), registration()];
  await kubectl(["create", "namespace", NAMESPACE]);
  await kubectl(["create", "-f", "-"], { input: JSON.stringify({ apiVersion: "v1", kind: "List", items }) });
  await kubectl(["rollout", "status", `deployment/${NAME}`, "--namespace", NAMESPACE, "--timeout=180s"]);
  const bundle = "jsonpath={.webhooks[0].clientConfig.caBundle}";
  await kubectl(["wait", `--for=${bundle}`, `mutatingwebhookconfiguration/${INJECTOR_REGISTRATION}`, "--timeout=60s"]);
}

const LABELS = { "app.kubernetes.io/name": NAME };
const metadata = { name: NAME, namespace: NAMESPACE, labels: LABELS };

function rights(): readonly object[] {
  const group = "rbac.authorization.k8s.io";
  const rule = {
    apiGroups: ["admissionregistration.k8s.io"],
    resources: ["mutatingwebhookconfigurations"],
    verbs: ["get", "list", "watch", "patch"],
  };
  return [
    { apiVersion: "v1", kind: "ServiceAccount", metadata },
    { apiVersion: `${group}/v1`, kind: "ClusterRole", metadata: { name: NAME }, rules: [rule] },
    {
      apiVersion: `${group}/v1`,
      kind: "ClusterRoleBinding",
      metadata: { name: NAME },
      roleRef: { apiGroup: group, kind: "ClusterRole", name: NAME },
      subjects: [{ kind: "ServiceAccount", name: NAME, namespace: NAMESPACE }],
    },
  ];
}

function deployment(vaultAddress: string): object {
  const env = {
    AGENT_INJECT_LISTEN: ":8080",
    AGENT_INJECT_VAULT_ADDR: vaultAddress,
    AGENT_INJECT_VAULT_IMAGE: IMAGE,
    AGENT_INJECT_TLS_AUTO: INJECTOR_REGISTRATION,
    AGENT_INJECT_TLS_AUTO_HOSTS: [SERVICE, `${SERVICE}.${NAMESPACE}`, `${SERVICE}.${NAMESPACE}.svc`].join(","),
  };
  const container = {
    name: "sidecar-injector",
    image: IMAGE,
    imagePullPolicy: "IfNotPresent",
    command: ["/usr/bin/vault-k8s"],
    env: Object.entries(env).map(([name, value]) => ({ name, value })),
    readinessProbe: { httpGet: { path: "/health/ready", port: 8080, scheme: "HTTPS" }, periodSeconds: 1 },
  };
  const spec = { serviceAccountName: NAME, terminationGracePeriodSeconds: 0, containers: [container] };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata,
    spec: { selector: { matchLabels: LABELS }, template: { metadata: { labels: LABELS }, spec } },
  };
}

function service(): object {
  const ports = [{ port: 443, targetPort: 8080 }];
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { ...metadata, name: SERVICE },
    spec: { selector: LABELS, ports },
  };
}

/** It goes by when the injector is away, and is not called again: the chart sets no `reinvocationPolicy`. */
function registration(): object {
  const entry = {
    name: "vault.hashicorp.com",
    clientConfig: { service: { name: SERVICE, namespace: NAMESPACE, path: "/mutate" } },
    rules: [{ operations: ["CREATE"], apiGroups: [""], apiVersions: ["v1"], resources: ["pods"], scope: "Namespaced" }],
    objectSelector: {
      matchExpressions: [{ key: "app.kubernetes.io/name", operator: "NotIn", values: [NAME] }],
    },
    failurePolicy: "Ignore",
    sideEffects: "None",
    admissionReviewVersions: ["v1", "v1beta1"],
  };
  return {
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: "MutatingWebhookConfiguration",
    metadata: { name: INJECTOR_REGISTRATION },
    webhooks: [entry],
  };
}
