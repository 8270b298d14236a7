/**
 * What the webhook asks of the Kubernetes API: a few objects by name, and changes to them. Plain JSON both ways,
 * since the models of the generated client drop fields that they do not know.
 */

/** Any object of the API, as plain JSON. */
export interface KubernetesObject {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: ObjectMeta;
}

/** The metadata that is read here; others survive in what is written back. */
export interface ObjectMeta {
  readonly name: string;
  readonly namespace?: string;
  readonly uid?: string;
  /** Opaque. An update that gives it fails with `conflict` when the object has changed since. */
  readonly resourceVersion?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly ownerReferences?: readonly OwnerReference[];
  readonly [other: string]: unknown;
}

export interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
}

/** One operation of a JSON Patch (RFC 6902). */
export type PatchOperation =
  | { readonly op: "add" | "replace" | "test"; readonly path: string; readonly value: unknown }
  | { readonly op: "remove"; readonly path: string };

/** What became of an object that is watched. */
export type WatchEvent<Kind> = { readonly type: "present"; readonly object: Kind } | { readonly type: "deleted" };

/**
 * Why a call failed, as far as the callers act on it. `conflict`: the object has changed since it was read, or a `test`
 * of a patch did not hold. `untrusted`: the API server's certificate is not one of the configured CA. `unreachable`: no
 * answer. `unavailable`: the API server answered that it cannot serve now.
 */
export type KubernetesFailure =
  | "not-found"
  | "exists"
  | "conflict"
  | "forbidden"
  | "unauthorized"
  | "invalid"
  | "untrusted"
  | "unreachable"
  | "unavailable"
  | "other";

type KubernetesErrorOrigin = Partial<Pick<KubernetesError, "status" | "code" | "causeType" | "deniedUser">>;

/** A call failed. Its message names what was asked of what, and the API server's reason, and never a body. */
export class KubernetesError extends Error {
  override readonly name = "KubernetesError";
  readonly failure: KubernetesFailure;
  /** HTTP status; absent when there was no answer. */
  readonly status: number | undefined;
  /** Of the connection, such as `ECONNREFUSED`; absent when there was an answer. */
  readonly code: string | undefined;
  /** One word of the API server's first cause (`CauseType` of meta/v1), such as `NamespaceTerminating`. */
  readonly causeType: string | undefined;
  /** Who has no permission for it; absent when something else than authorization refused it. */
  readonly deniedUser: string | undefined;

  constructor(
    failure: KubernetesFailure,
    message: string,
    { status, code, causeType, deniedUser }: KubernetesErrorOrigin = {},
  ) {
    super(message);
    this.failure = failure;
    this.status = status;
    this.code = code;
    this.causeType = causeType;
    this.deniedUser = deniedUser;
  }
}

/**
 * Paths are those of the API, such as `/api/v1/namespaces/flyte/secrets/flyte-pod-webhook`; each segment that comes
 * from outside is encoded by the caller's path builder. Every call has a time limit and throws `KubernetesError`.
 */
export interface KubernetesClient {
  get<Kind extends KubernetesObject>(path: string): Promise<Kind>;
  create<Kind extends KubernetesObject>(path: string, object: Kind): Promise<Kind>;
  /** With `metadata.resourceVersion`: only when the object has not changed since it was read. */
  replace<Kind extends KubernetesObject>(path: string, object: Kind): Promise<Kind>;
  /** JSON Patch. A `test` that does not hold fails with `conflict`. */
  patch<Kind extends KubernetesObject>(path: string, operations: readonly PatchOperation[]): Promise<Kind>;
  /** @param uid delete only the object of this uid; else it fails with `conflict` */
  remove(path: string, uid?: string): Promise<void>;
  /**
   * Follows one object by name until the signal is aborted: the object as it is now first, then each change. Survives
   * broken connections and restarts of the API server; a stalled watch is noticed by asking again.
   * @param collection path of the list that the object is in
   */
  watch<Kind extends KubernetesObject>(
    collection: string,
    name: string,
    onEvent: (event: WatchEvent<Kind>) => void,
    options: WatchOptions,
  ): void;
}

export interface WatchOptions {
  readonly signal: AbortSignal;
  /** Milliseconds after which the object is reported again even without a change. */
  readonly resync: number;
  /** Called for each failed try; the next one follows by itself, later each time. */
  readonly onProblem: (error: KubernetesError) => void;
}
