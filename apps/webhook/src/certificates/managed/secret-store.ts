/** The Secret in the API server: read, followed, and replaced by whoever is first. */
import { secretPath, secretsPath } from "../../kubernetes/api-paths.ts";
import { KubernetesError, type KubernetesClient, type KubernetesFailure } from "../../kubernetes/kubernetes-client.ts";
import { hasSameData, successorOf, type SecretObject } from "./secret-object.ts";

/** `lost`: somebody else was faster, and what was read no longer holds. */
export type Written = { readonly outcome: "written"; readonly secret: SecretObject } | { readonly outcome: "lost" };

/** Every call throws `KubernetesError`. */
export interface SecretStore {
  read(): Promise<SecretObject | undefined>;
  create(secret: SecretObject): Promise<Written>;
  /** Replaces what was read; an immutable Secret by another one of the same name and metadata. */
  replace(secret: SecretObject, base: SecretObject): Promise<Written>;
  follow(onSeen: (secret: SecretObject | undefined) => void, options: FollowOptions): void;
}

export interface FollowOptions {
  readonly signal: AbortSignal;
  readonly onProblem: (error: KubernetesError) => void;
}

/** Why a write of what was read fails, when somebody else was faster. */
const CHANGED: readonly KubernetesFailure[] = ["conflict", "not-found"];

/** Milliseconds after which the Secret is read again even without a change. */
const RESYNC = 60_000;

export function createSecretStore(client: KubernetesClient, namespace: string, name: string): SecretStore {
  const collection = secretsPath(namespace);
  const path = secretPath(namespace, name);
  const create = (secret: SecretObject): Promise<Written> => written(client.create(collection, secret), "exists");
  return {
    read: () => unlessMissing(client.get<SecretObject>(path)),
    create,
    async replace(secret, base) {
      if (base.immutable !== true || hasSameData(secret, base))
        return written(client.replace(path, secret), ...CHANGED);
      const removed = await written(
        client.remove(path, base.metadata.uid).then(() => base),
        ...CHANGED,
      );
      return removed.outcome === "lost" ? removed : create(successorOf(secret));
    },
    follow(onSeen, { signal, onProblem }) {
      client.watch<SecretObject>(
        collection,
        name,
        (event) => onSeen(event.type === "present" ? event.object : undefined),
        { signal, onProblem, resync: RESYNC },
      );
    },
  };
}

async function written(call: Promise<SecretObject>, ...lost: readonly KubernetesFailure[]): Promise<Written> {
  try {
    return { outcome: "written", secret: await call };
  } catch (error) {
    if (error instanceof KubernetesError && lost.includes(error.failure)) return { outcome: "lost" };
    throw error;
  }
}

async function unlessMissing(call: Promise<SecretObject>): Promise<SecretObject | undefined> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof KubernetesError && error.failure === "not-found") return undefined;
    throw error;
  }
}
