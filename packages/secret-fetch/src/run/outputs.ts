/** Fetched values -> files of the volume. */
import { isFetchFailure, type FetchFailure } from "../failure.ts";
import type { EnvTarget } from "../request/fetch-request.ts";
import { envValue, formatEnvFile, type EnvLine } from "../volume/env-file.ts";
import type { VolumeFile } from "../volume/write.ts";
import { isForgiven, type ItemResult } from "./fetch-all.ts";

/** What to write, and what cannot be. */
export interface Outputs {
  readonly files: readonly VolumeFile[];
  /** Items without a value that they must have, or with one that cannot be written as asked. */
  readonly failed: readonly FailedItem[];
}

/** An item that the pod cannot have. */
export interface FailedItem {
  readonly name: string;
  /** The provider's name in the request, and its kind. */
  readonly provider: string;
  readonly kind: string;
  readonly failure: FetchFailure;
  readonly attempts: number;
}

const ENV_FILE_MODE = "0444";

/** Files of everything that is there. An env file needs all of its lines: it is left out where one failed. */
export function outputsOf(results: readonly ItemResult[]): Outputs {
  const failed: FailedItem[] = [];
  const files = new Map<string, VolumeFile>();
  const envFiles = new Map<string, Map<string, EnvLine> | "failed">();
  for (const each of results) {
    const { item, result } = each;
    const lines = linesOf(each);
    if (isFetchFailure(lines)) failed.push(failedItem(each, lines));
    for (const { file, key } of item.env) addLine(envFiles, file, isFetchFailure(lines) ? lines : lines.get(key));
    if (result.outcome === "failed") continue;
    for (const { path, mode } of item.files) files.set(path, { path, mode, bytes: result.value });
  }
  for (const [path, lines] of envFiles) {
    if (lines !== "failed") files.set(path, envFile(path, [...lines.values()]));
  }
  return { files: [...files.values()], failed };
}

/** The item's lines by key, or why it has failed. */
function linesOf(each: ItemResult): ReadonlyMap<string, EnvLine> | FetchFailure {
  const { item, result } = each;
  if (result.outcome === "failed") return isForgiven(each) ? new Map() : result.failure;
  // What the kubelet takes for a var that is not there may be left out where the pod can do without.
  if (!item.required && result.value.length === 0) return new Map();
  try {
    return new Map(item.env.map(({ key }: EnvTarget) => [key, { key, value: envValue(key, result.value) }]));
  } catch (error) {
    if (isFetchFailure(error)) return error;
    throw error;
  }
}

function addLine(
  envFiles: Map<string, Map<string, EnvLine> | "failed">,
  file: string,
  line: EnvLine | FetchFailure | undefined,
): void {
  const lines = envFiles.get(file) ?? new Map<string, EnvLine>();
  if (lines === "failed") return;
  if (isFetchFailure(line)) return void envFiles.set(file, "failed");
  if (line !== undefined) lines.set(line.key, line);
  envFiles.set(file, lines);
}

function envFile(path: string, lines: readonly EnvLine[]): VolumeFile {
  return { path, mode: ENV_FILE_MODE, bytes: new TextEncoder().encode(formatEnvFile(lines)) };
}

function failedItem({ item, result }: ItemResult, failure: FetchFailure): FailedItem {
  const { name, provider } = item;
  const attempts = result.outcome === "failed" ? result.attempts : 1;
  return { name, provider: provider.name, kind: provider.plugin.name, failure, attempts };
}
