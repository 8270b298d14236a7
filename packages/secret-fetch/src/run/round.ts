/** One round: fetch everything, then write everything, or nothing. */
import { FAILURES, isFetchFailure, type FetchFailure } from "../failure.ts";
import type { PreparedRequest } from "../request/prepared-request.ts";
import { writeFiles } from "../volume/write.ts";
import { fetchAll, type Bond, type RoundPorts } from "./fetch-all.ts";
import { outputsOf } from "./outputs.ts";
import { exitCodeOf, reportFailure, reportItems } from "./report.ts";

/** How a round ended. */
export interface RoundEnd {
  /** Files that were new or another than before. */
  readonly written: number;
  /** What failed, in one line; undefined when nothing did. */
  readonly report?: string;
  /** Exit code of the program, were it to end now. */
  readonly exit: number;
}

/** When a pod starts: everything that it requires is there, or nothing is written. */
export async function runRound(request: PreparedRequest, ports: RoundPorts): Promise<RoundEnd> {
  return endRound(request, ports, "together");
}

/** While a pod runs: each file that can be had is renewed, and the others stay as they are. */
export async function refreshRound(request: PreparedRequest, ports: RoundPorts): Promise<RoundEnd> {
  return endRound(request, ports, "each");
}

async function endRound(request: PreparedRequest, ports: RoundPorts, bond: Bond): Promise<RoundEnd> {
  const { files, failed } = outputsOf(await fetchAll(request, ports, bond));
  const outcome = { report: reportItems(failed, request.items.length), exit: exitCodeOf(failed) };
  const hasFailed = failed.length > 0;
  if (ports.stop.aborted || (hasFailed && bond === "together"))
    return { written: 0, ...(hasFailed ? outcome : STOPPED) };
  try {
    const written = writeFiles(request.volume, files, request.folders);
    return hasFailed ? { written, ...outcome } : { written, exit: 0 };
  } catch (error) {
    if (!isFetchFailure(error)) throw error;
    return { written: 0, ...failedBy(error) };
  }
}

const STOPPED = { exit: FAILURES.interrupted.exit };

/** The end of a run that a single failure stopped. */
export function failedBy(failure: FetchFailure): Pick<RoundEnd, "exit"> & { readonly report: string } {
  return { report: reportFailure(failure), exit: FAILURES[failure.kind].exit };
}
