/** A request in which everything is checked that can be before the first call. */
import type { ProviderPlugin } from "../provider.ts";
import type { EnvTarget } from "./fetch-request.ts";

/** A store of the request, with checked settings. */
export interface PreparedProvider {
  /** Its name in the request. */
  readonly name: string;
  readonly plugin: ProviderPlugin;
  readonly settings: unknown;
}

/** A secret of the request, with a checked source. */
export interface PreparedItem {
  readonly name: string;
  readonly provider: PreparedProvider;
  readonly source: unknown;
  /** The same for items that want the same secret: it is fetched once. */
  readonly identity: string;
  readonly required: boolean;
  readonly files: readonly PreparedFile[];
  readonly env: readonly EnvTarget[];
}

/** A file that the item goes to. */
export interface PreparedFile {
  readonly path: string;
  readonly mode: string;
}

export interface PreparedRequest {
  readonly volume: string;
  readonly items: readonly PreparedItem[];
  readonly folders: readonly string[];
  /** Milliseconds. */
  readonly deadline: number;
  /** Milliseconds. */
  readonly attempt: number;
  readonly concurrency: number;
  readonly maxBytes: number;
  /** Milliseconds. */
  readonly refresh: number;
}
