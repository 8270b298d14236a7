/** A cluster with a node, the webhook's image in two versions, and Helm. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { startControlPlane, startNode, type ControlPlane } from "../../cluster/src/index.ts";
import { buildWebhookImage } from "../../images/webhook-image.ts";
import { helmFor, type Helm } from "../../tools/helm-client.ts";
import { CHART } from "../../tools/manifests.ts";
import { apiClient, type ApiClient } from "./api-client.ts";

export const CHART_NAMESPACE = "pod-secrets";
/** Of the webhook's image, which the node has in these versions. */
export const REPOSITORY = "docker.io/local/webhook";
export const VERSIONS = ["1.0.0", "1.0.1"] as const;

export interface ChartCluster extends AsyncDisposable {
  readonly cluster: ControlPlane;
  readonly api: ApiClient;
  readonly helm: Helm;
  /** `helm install` or `helm upgrade`, with values as for `--set`; waits until it is ready. */
  release(command: "install" | "upgrade", version: (typeof VERSIONS)[number], set?: readonly string[]): Promise<void>;
  rollback(): Promise<void>;
  /** A release that is not there is fine. */
  uninstall(): Promise<void>;
  /** As a user would: with `kubectl create secret generic`. @param literals `KEY=VALUE` */
  createSecret(namespace: string, name: string, ...literals: readonly string[]): Promise<void>;
  /** The webhook's pods that are not about to end. */
  webhookPods(): Promise<readonly WebhookPod[]>;
  /** What a script of Node says in a container of the webhook. @param pod its name; one of them by default */
  inWebhook(script: string, pod?: string): Promise<string>;
  /** Names of objects of the release, or of one of its parts, wherever they are. */
  objects(component?: string): Promise<readonly string[]>;
}

export interface WebhookPod {
  readonly metadata: { readonly name: string; readonly uid: string; readonly deletionTimestamp?: string };
  readonly spec: { readonly containers: readonly { readonly image: string }[] };
  readonly status: {
    readonly containerStatuses?: readonly { readonly ready: boolean; readonly restartCount: number }[];
  };
}

const IN_NAMESPACE = ["--namespace", CHART_NAMESPACE, "--wait", "--timeout", "180s"];

/** @param bundle the folder of the built command */
export async function startChartCluster(bundle: string): Promise<ChartCluster> {
  const cluster = await startControlPlane();
  try {
    // How fast a pod sees that its ConfigMap has changed; a minute by default.
    const node = await startNode(cluster, { kubeletConfiguration: { syncFrequency: "3s" } });
    await loadImages(bundle, (archive) => node.loadImage(archive));
    const [api, helm] = await Promise.all([apiClient(cluster), helmFor(cluster)]);
    return {
      cluster,
      api,
      helm,
      release: async (command, version, set = []) => {
        const values = [`image.repository=${REPOSITORY}`, `image.tag=${version}`, ...set];
        await helm([command, "pod-secrets", CHART, ...IN_NAMESPACE, ...values.flatMap((pair) => ["--set", pair])]);
      },
      rollback: async () => void (await helm(["rollback", "pod-secrets", ...IN_NAMESPACE])),
      uninstall: async () => void (await helm(["uninstall", "pod-secrets", "--ignore-not-found", ...IN_NAMESPACE])),
      ...looks(cluster, api),
      [Symbol.asyncDispose]: async () => {
        api[Symbol.dispose]();
        await cluster.stop();
      },
    };
  } catch (error) {
    await cluster.stop();
    throw error;
  }
}

async function loadImages(bundle: string, load: (archive: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "pod-secrets-images-"));
  try {
    for (const version of VERSIONS) {
      const archive = join(folder, `${version}.tar`);
      await buildWebhookImage({ bundle, version, repository: REPOSITORY, archive });
      await load(archive);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const NAMESPACED =
  "secrets,configmaps,serviceaccounts,services,deployments,replicasets,jobs,poddisruptionbudgets,roles,rolebindings";
const GLOBAL =
  "clusterroles,clusterrolebindings,validatingadmissionpolicies,validatingadmissionpolicybindings,mutatingwebhookconfigurations";

function looks(
  { kubectl }: ControlPlane,
  api: ApiClient,
): Pick<ChartCluster, "createSecret" | "webhookPods" | "inWebhook" | "objects"> {
  return {
    createSecret: async (namespace, name, ...literals) => {
      const data = literals.map((literal) => `--from-literal=${literal}`);
      await kubectl(["create", "secret", "generic", name, "--namespace", namespace, ...data]);
    },
    webhookPods: async () => {
      const path = `/api/v1/namespaces/${CHART_NAMESPACE}/pods?labelSelector=app.kubernetes.io/component=webhook`;
      const { body } = await api.send<{ readonly items: readonly WebhookPod[] }>("GET", path);
      return body.items.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
    },
    inWebhook: async (script, pod) => {
      const exec = ["exec", pod ?? "deployment/pod-secrets", "--namespace", CHART_NAMESPACE, "--"];
      return (await kubectl([...exec, "/nodejs/bin/node", "-e", script])).stdout.trim();
    },
    objects: async (component) => {
      const selector = component === undefined ? [] : ["--selector", `app.kubernetes.io/component=${component}`];
      const list = async (kinds: string, ...place: readonly string[]): Promise<readonly string[]> => {
        const { stdout } = await kubectl(["get", kinds, ...place, "-o", "name", ...selector]);
        return stdout.split("\n").filter((name) => /pod-secrets|flyte-pod-webhook/.test(name));
      };
      return [...(await list(NAMESPACED, "--namespace", CHART_NAMESPACE)), ...(await list(GLOBAL))];
    },
  };
}
