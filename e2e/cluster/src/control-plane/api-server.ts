/** kube-apiserver. */
import type { Binaries } from "../binaries/binaries.ts";
import type { KeyPair } from "../certificates/authority.ts";
import { endGently } from "../processes/end.ts";
import type { StartedProcess } from "../processes/start.ts";
import type { Run } from "../runs/run.ts";
import { apiServerArguments, type ApiServerPlace } from "./api-server-arguments.ts";
import type { ApiServerFiles } from "./api-server-files.ts";
import type { ControlPlaneOptions } from "./options.ts";
import { untilReady } from "./ready.ts";

export interface ApiServer {
  readonly server: string;
  /** Waits until there is an object at a path. */
  untilFound(path: string): Promise<void>;
  /** Ends it, and starts it on the same port and data. @param args instead of `apiServerArgs` of the options */
  restart(args?: readonly string[]): Promise<void>;
}

export interface ApiServerSetUp {
  readonly run: Run;
  readonly binaries: Binaries;
  readonly files: ApiServerFiles;
  readonly place: ApiServerPlace & { readonly admin: KeyPair };
  readonly options: ControlPlaneOptions;
  /** PEM. */
  readonly ca: string;
}

/** @throws ClusterError `E_CLUSTER_START` */
export async function startApiServer(setUp: ApiServerSetUp): Promise<ApiServer> {
  const { run, binaries, files, place, options, ca } = setUp;
  const { signal } = options;
  const server = `https://127.0.0.1:${place.port}`;
  const ask = { ca, client: place.admin };
  const start = async (apiServerArgs = options.apiServerArgs ?? []): Promise<StartedProcess> => {
    const args = apiServerArguments(run, files, place, { ...options, apiServerArgs });
    const started = await run.start("kube-apiserver", binaries.path("kube-apiserver"), args);
    await untilReady(started, { url: `${server}/readyz`, ...ask }, signal);
    return started;
  };
  let current = await start();
  return {
    server,
    untilFound: (path) => untilReady(current, { url: `${server}${path}`, ...ask }, signal),
    restart: async (args) => {
      await endGently(current, RESTART_PATIENCE);
      current = await start(args);
    },
  };
}

/** Milliseconds. It would wait for its watchers, which do not go. */
const RESTART_PATIENCE = 2000;
