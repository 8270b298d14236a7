/** What can go wrong with a cluster: one line that says what, why and how to fix it, with a code that stays. */

export type ClusterErrorCode =
  | "E_CLUSTER_USAGE"
  | "E_CLUSTER_NO_GO"
  | "E_CLUSTER_BUILD"
  | "E_CLUSTER_ASSETS"
  | "E_CLUSTER_PORT"
  | "E_CLUSTER_START"
  | "E_CLUSTER_KUBECTL"
  | "E_CLUSTER_RUNNING"
  | "E_CLUSTER_NOT_RUNNING"
  | "E_CLUSTER_PACKAGES"
  | "E_CLUSTER_NODE"
  | "E_CLUSTER_IMAGE"
  | "E_CLUSTER_CLEAN_UP";

export class ClusterError extends Error {
  override readonly name = "ClusterError";
  readonly code: ClusterErrorCode;
  /** What to do about it: a sentence. */
  readonly fix: string;

  /** @param message what and why, without a full stop */
  constructor(code: ClusterErrorCode, message: string, fix: string, options?: ErrorOptions) {
    super(`${code}: ${message}. Fix: ${fix}`, options);
    this.code = code;
    this.fix = fix;
  }
}

/** The words of whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
