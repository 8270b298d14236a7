/** Where the programs of Kubernetes come from: a folder of the user's, or built once from the Go module proxy. */
import { ClusterError } from "../errors.ts";
import { sayOnStandardError, type Say } from "../progress.ts";
import { assetsIn } from "./assets.ts";
import { buildBinaries } from "./build.ts";
import { PROGRAMS, type ProgramName } from "./programs.ts";

export interface Binaries {
  /** The folder with the programs. */
  readonly directory: string;
  /** Which programs there are. */
  readonly programs: ReadonlySet<ProgramName>;
  /**
   * The path of a program.
   * @throws ClusterError `E_CLUSTER_ASSETS` when it is not there
   */
  path(program: ProgramName): string;
}

/**
 * Finds the programs: in `KUBEBUILDER_ASSETS`, the folder that controller-runtime's envtest takes them from, else in
 * the cache, else by building them, which takes a quarter of an hour once.
 * @throws ClusterError `E_CLUSTER_ASSETS`, `E_CLUSTER_NO_GO`, `E_CLUSTER_BUILD`
 */
export async function findBinaries(say: Say = sayOnStandardError, signal?: AbortSignal): Promise<Binaries> {
  const { KUBEBUILDER_ASSETS: assets } = process.env;
  if (assets === undefined || assets === "") return binariesIn(await buildBinaries(say, signal), PROGRAMS);
  return binariesIn(assets, assetsIn(assets));
}

function binariesIn(directory: string, names: readonly ProgramName[]): Binaries {
  const programs = new Set(names);
  return {
    directory,
    programs,
    path: (program) => {
      if (programs.has(program)) return `${directory}/${program}`;
      throw new ClusterError(
        "E_CLUSTER_ASSETS",
        `KUBEBUILDER_ASSETS=${directory} has no ${program}`,
        "Put it there, or unset KUBEBUILDER_ASSETS: then it is built, for which Go is needed.",
      );
    },
  };
}
