/** A node whose pods fetch their secrets from Confidant and AWS, in a namespace that enforces `restricted`. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, onTestFinished } from "vitest";

import { builtCommand } from "../../../apps/webhook/test/cli/built-command.ts";
import { startControlPlane, startNode, type ControlPlane } from "../../cluster/src/index.ts";
import { START_TIMEOUT } from "../../servers/index.ts";
import { apiClient, type ApiClient } from "./api-client.ts";
import { CA_FILE, loadFetchImage } from "./fetch-image.ts";
import { startIdentityWebhook } from "./identity-webhook.ts";
import { createNamespace } from "./namespace.ts";
import { startNodeStores, type NodeStores } from "./node-stores.ts";
import { startTask, type RunningTask, type TaskOptions } from "./node-tasks.ts";
import { REGISTRATIONS, untilCalled } from "./registration.ts";
import { installLocally, startServe, type RunningServe } from "./serving.ts";

export const NAMESPACE = "tasks";
const NAME = "flyte-pod-webhook";

export interface FetchNode {
  readonly cluster: ControlPlane;
  readonly api: ApiClient;
  readonly stores: NodeStores;
  /** Starts our webhook, for the test. @param fetcher more options of the container */
  serve(fetcher?: object): Promise<RunningServe>;
  /** Creates a pod, for the test. */
  start(task: Omit<TaskOptions, "namespace">): Promise<RunningTask>;
}

/** Starts it for the tests of a `describe`. */
export function fetchNode(): () => FetchNode {
  const command = builtCommand();
  const closing = new AsyncDisposableStack();
  let rig: FetchNode | undefined;
  beforeAll(async () => {
    const folder = mkdtempSync(join(tmpdir(), "pod-secrets-fetch-node-"));
    closing.defer(() => rmSync(folder, { recursive: true, force: true }));
    const cluster = closing.use(await startControlPlane());
    const node = await startNode(cluster);
    const api = closing.use(await apiClient(cluster));
    const stores = closing.use(await startNodeStores(node.hostAddress));
    const image = await loadFetchImage(node, stores.ca);
    await createNamespace(api, NAMESPACE, { "pod-security.kubernetes.io/enforce": "restricted" });
    closing.use(await startIdentityWebhook(api, NAMESPACE, stores.identity));
    const serve: FetchNode["serve"] = async (fetcher = {}) => {
      const options = { image, imagePullPolicy: "IfNotPresent", envVars: "fileKeyRef", ...fetcher };
      const managers = stores.managers(options, CA_FILE);
      return serveManagers({ program: command().program, folder, cluster, api, managers });
    };
    const start: FetchNode["start"] = (task) => startTask(cluster, api, { namespace: NAMESPACE, ...task });
    rig = { cluster, api, stores, serve, start };
  }, START_TIMEOUT);
  afterAll(() => closing.disposeAsync());
  return () => {
    if (rig === undefined) throw new Error("it is not started yet");
    return rig;
  };
}

interface Serving extends Pick<FetchNode, "cluster" | "api"> {
  readonly program: string;
  readonly folder: string;
  readonly managers: readonly object[];
}

async function serveManagers({ program, folder, cluster, api, managers }: Serving): Promise<RunningServe> {
  // It runs after the process has ended, which would put it back.
  onTestFinished(async () => void (await api.send("DELETE", `${REGISTRATIONS}/${NAME}`)));
  const section = { namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": NAMESPACE } } };
  const { config } = await installLocally({ folder, kubeconfig: cluster.kubeconfig, name: NAME, section });
  const sections = JSON.parse(readFileSync(config, "utf8")) as object;
  writeFileSync(config, JSON.stringify({ ...sections, global: false, managers }));
  const serving = await startServe(program, ["--config", config]);
  await untilCalled(api, NAMESPACE);
  return serving;
}
