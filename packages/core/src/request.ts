import { quoted } from "./printable.ts";
import { isAnnotationKey } from "./grammar.ts";

/** How a task wants a secret: as an env var, as a file, or either (`flyteidl.core.Secret.MountType`). */
export type MountRequirement = "ANY" | "ENV_VAR" | "FILE";

/**
 * One secret that a task asks for: `flyteidl.core.Secret` of Flyte v1.15.0 and later, as it stands in one
 * pod annotation. Everything in it is user text: an injector checks the grammar of what it uses.
 */
export interface SecretRequest {
  /** Key of the pod annotation that holds the request, such as `flyte.secrets/s0`. */
  readonly source: string;
  /** What the manager calls it: name of a Kubernetes Secret, a path in Vault, the start of an ARN. May be empty. */
  readonly group: string;
  /** Version of the group, or the Vault engine (`kv1`, `kv2`, `db`). Empty when not asked for. */
  readonly groupVersion: string;
  /** The key inside the group. May be empty. */
  readonly key: string;
  /** Where the value should appear. */
  readonly mountRequirement: MountRequirement;
  /** One more env var that the task wants: the value itself, or the path of the file. Empty when not asked for. */
  readonly envVar: string;
}

/** What a task asks for, before it stands in an annotation; a field left out is empty, or ANY. */
export type SecretAsk = Partial<Omit<SecretRequest, "source">>;

/** The annotation key for a message: as it is, unless the API server would refuse such a key. */
export function describeSource(source: string): string {
  return isAnnotationKey(source) ? source : quoted(source);
}
