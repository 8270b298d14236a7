/** The database of the API server. */
import type { Binaries } from "../binaries/binaries.ts";
import type { Run } from "../runs/run.ts";
import { freePorts } from "./free-port.ts";
import { untilReady } from "./ready.ts";

export interface Etcd {
  readonly url: string;
  readonly directory: string;
}

/** @throws ClusterError `E_CLUSTER_START` */
export async function startEtcd(run: Run, binaries: Binaries, signal?: AbortSignal): Promise<Etcd> {
  const [client = 0, peer = 0] = await freePorts(2);
  const url = `http://127.0.0.1:${client}`;
  const peerUrl = `http://127.0.0.1:${peer}`;
  const directory = run.path("etcd");
  const etcd = await run.start("etcd", binaries.path("etcd"), [
    `--data-dir=${directory}`,
    // What a crash of the machine would lose is thrown away anyway.
    "--unsafe-no-fsync",
    `--listen-client-urls=${url}`,
    `--advertise-client-urls=${url}`,
    `--listen-peer-urls=${peerUrl}`,
    `--initial-advertise-peer-urls=${peerUrl}`,
    `--initial-cluster=default=${peerUrl}`,
    "--logger=zap",
    "--log-level=warn",
  ]);
  await untilReady(etcd, { url: `${url}/health` }, signal);
  return { url, directory };
}
