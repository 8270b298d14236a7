/**
 * What the program is asked to do: a JSON document, version 1. Whoever writes the pod writes it; `docs/fetch.md`
 * documents it, and `request/schema.ts` is its grammar.
 */

/** Name of the env var that holds the request, unless a file is named by `--request`. */
export const REQUEST_ENV_VAR = "POD_SECRETS_FETCH";
/** Start of the names of env vars that hold further parts of it. */
export const REQUEST_PART_PREFIX: string = `${REQUEST_ENV_VAR}.`;

/** The whole request. */
export interface FetchRequest {
  readonly version: 1;
  /** Absolute path of the volume in the container: memory, and mounted writable. */
  readonly volume: string;
  /** Stores by a name of their own, a DNS label: the same kind may be there twice. */
  readonly providers: Readonly<Record<string, ProviderUse>>;
  readonly items: readonly FetchItem[];
  /** Folders to make beside those that files need, such as mount points of other volumes. */
  readonly folders?: readonly string[] | undefined;
  /** Seconds for everything, 1 to 3600; 60 when left out. */
  readonly deadlineSeconds?: number | undefined;
  /** Seconds for one call, 1 to 600; 10 when left out. */
  readonly attemptSeconds?: number | undefined;
  /** Calls at once, 1 to 64; 8 when left out, since each connection costs time and memory. */
  readonly concurrency?: number | undefined;
  /** Bytes that one value may have, up to 8 MiB; 1 MiB when left out. */
  readonly maxBytes?: number | undefined;
  /** With `--watch`: seconds between two rounds, 1 to 86400; 300 when left out. */
  readonly refreshSeconds?: number | undefined;
}

/** One store. */
export interface ProviderUse {
  /** Name of the kind, such as `aws-secretsmanager`. */
  readonly use: string;
  /** As that provider's schema has them. */
  readonly settings?: Readonly<Record<string, unknown>> | undefined;
}

/** One secret. */
export interface FetchItem {
  /** What messages call it: the name that the pod's author knows. */
  readonly name: string;
  /** Which of `providers` has it. */
  readonly provider: string;
  /** Which secret in that store, as the provider's schema has it. */
  readonly source: Readonly<Record<string, unknown>>;
  /** Whether the pod may not start without; true when left out. */
  readonly required?: boolean | undefined;
  /** Files that hold the value, byte by byte. */
  readonly files?: readonly FileTarget[] | undefined;
  /** Env vars that hold the value: lines of env files, which the kubelet reads by `fileKeyRef` (Kubernetes 1.34 on). */
  readonly env?: readonly EnvTarget[] | undefined;
}

/** A file below the volume. */
export interface FileTarget {
  /** Relative path: names with a slash between them. */
  readonly path: string;
  /** Octal, such as `0440`; `0444` when left out. */
  readonly mode?: string | undefined;
}

/** A line of an env file. */
export interface EnvTarget {
  /** Relative path of the env file: the `path` of the pod's `fileKeyRef`. */
  readonly file: string;
  /** The `key` of the pod's `fileKeyRef`. */
  readonly key: string;
}

/**
 * The text of a request, or of a part of one, for an env var. The kubelet would expand `$(NAME)` in it, so it holds no
 * dollar sign.
 */
export function formatRequest(request: Partial<FetchRequest>): string {
  return JSON.stringify(request).replaceAll("$", String.raw`\u0024`);
}
