/** The control plane of a cluster: etcd, API server, controllers. No root is needed. */
import { findBinaries, type Binaries } from "../binaries/binaries.ts";
import { createAuthority, type Authority } from "../certificates/authority.ts";
import { writePrivately } from "../certificates/files.ts";
import { ClusterError, messageOf } from "../errors.ts";
import { listRuns } from "../runs/list.ts";
import { pickNetwork } from "../runs/network.ts";
import { createRun, type Run } from "../runs/run.ts";
import { startApiServer } from "./api-server.ts";
import { writeApiServerFiles } from "./api-server-files.ts";
import { startControllers } from "./controllers.ts";
import { startEtcd } from "./etcd.ts";
import { freePorts, isFree } from "./free-port.ts";
import { kubeconfigText } from "./kubeconfig.ts";
import { createKubectl, type Kubectl } from "./kubectl.ts";
import type { ControlPlaneOptions } from "./options.ts";

/** A user of the cluster. */
export interface User {
  readonly user: string;
  readonly groups?: readonly string[];
}

export interface ControlPlane extends AsyncDisposable {
  /** The path of the admin's kubeconfig. */
  readonly kubeconfig: string;
  /** The text of the admin's kubeconfig. */
  readonly adminKubeconfig: string;
  /** `https://127.0.0.1:PORT` */
  readonly server: string;
  /** Of the cluster's CA, PEM. */
  readonly caCertificate: string;
  /** The cluster's CA: it signs certificates for clients and servers. */
  readonly authority: Authority;
  /** Everything that the cluster writes. `logs/` has the output of each part. */
  readonly directory: string;
  readonly etcdDirectory: string;
  /** One JSON object per line; stays empty without an audit policy. */
  readonly auditLog: string;
  /** Whether kube-controller-manager and kube-scheduler run. */
  readonly hasControllers: boolean;
  readonly binaries: Binaries;
  readonly run: Run;
  /**
   * Runs kubectl as the admin, or with another kubeconfig.
   * @throws KubectlError `E_CLUSTER_KUBECTL`
   */
  readonly kubectl: Kubectl;
  /** The text of a kubeconfig with a client certificate for a user, who has no rights but those that RBAC gives. */
  kubeconfigFor(user: User): Promise<string>;
  /** Ends the API server, and starts it on the same port and data. @param args instead of `apiServerArgs` */
  restartApiServer(args?: readonly string[]): Promise<void>;
  /** Ends everything, the node too, and removes the folder. */
  stop(): Promise<void>;
}

/**
 * Starts a control plane, and waits until it is ready. When that fails nothing stays behind.
 * @throws ClusterError
 */
export async function startControlPlane(options: ControlPlaneOptions = {}): Promise<ControlPlane> {
  const binaries = await findBinaries(options.say, options.signal);
  if (options.port !== undefined && !(await isFree(options.port))) {
    throw new ClusterError(
      "E_CLUSTER_PORT",
      `port ${options.port} is taken`,
      "Choose another, or none for a free one.",
    );
  }
  for (let attempts = ATTEMPTS; ; attempts--) {
    const run = createRun(options.lifetime ?? "process", pickNetwork(listRuns().map(({ state }) => state.network)));
    try {
      return await startIn(run, binaries, options);
    } catch (error) {
      await run.stop();
      // A port that was free a moment ago.
      if (attempts === 1 || !/address already in use/.test(messageOf(error))) throw error;
    }
  }
}

const ATTEMPTS = 3;

async function startIn(run: Run, binaries: Binaries, options: ControlPlaneOptions): Promise<ControlPlane> {
  const hasControllers = decideOnControllers(binaries, options);
  const authority = await createAuthority();
  const files = await writeApiServerFiles(run, authority, options.names ?? []);
  const etcd = await startEtcd(run, binaries, options.signal);
  const [port = 0] = options.port === undefined ? await freePorts(1) : [options.port];
  const admin = await authority.issueClient("admin", ["system:masters"]);
  const place = { etcd: etcd.url, port, admin, hasControllers };
  const apiServer = await startApiServer({ run, binaries, files, place, options, ca: authority.certificate });
  const { server } = apiServer;

  const adminKubeconfig = kubeconfigText({ server, ca: authority.certificate, client: admin });
  const kubeconfig = writePrivately(run.path("kubeconfig"), adminKubeconfig);
  if (hasControllers) {
    await startControllers(run, binaries, files, kubeconfig);
    // Before that no pod is accepted.
    await apiServer.untilFound("/api/v1/namespaces/default/serviceaccounts/default");
  }
  run.record({ server });
  return {
    kubeconfig,
    adminKubeconfig,
    server,
    caCertificate: authority.certificate,
    authority,
    directory: run.directory,
    etcdDirectory: etcd.directory,
    auditLog: files.auditLog,
    hasControllers,
    binaries,
    run,
    kubectl: createKubectl(run, binaries.path("kubectl"), kubeconfig),
    kubeconfigFor: async ({ user, groups = [] }) =>
      kubeconfigText({ server, ca: authority.certificate, client: await authority.issueClient(user, groups) }),
    restartApiServer: (args) => apiServer.restart(args),
    stop: () => run.stop(),
    [Symbol.asyncDispose]: () => run.stop(),
  };
}

function decideOnControllers(binaries: Binaries, { controllers }: ControlPlaneOptions): boolean {
  const wanted = ["kube-controller-manager", "kube-scheduler"] as const;
  // Says which one is missing.
  if (controllers === true) for (const program of wanted) binaries.path(program);
  return controllers ?? wanted.every((program) => binaries.programs.has(program));
}
