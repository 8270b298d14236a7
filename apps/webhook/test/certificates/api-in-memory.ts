/**
 * The API server's rules for objects by name, in memory, for faults that the real one does not make on demand.
 * `api-contract.ts` holds it to the real one.
 */
import { setImmediate as turn } from "node:timers/promises";

import {
  KubernetesError,
  type KubernetesClient,
  type KubernetesFailure,
  type WatchEvent,
} from "../../src/kubernetes/kubernetes-client.ts";
import { hasSameData, type SecretObject } from "../../src/certificates/managed/secret-object.ts";

export interface ApiInMemory {
  readonly client: KubernetesClient;
  /** Calls, as `PUT /path`. */
  readonly calls: readonly string[];
  /** From now on every call that this holds for fails. */
  failWhen(condition: (call: string) => KubernetesFailure | undefined): void;
  get(path: string): SecretObject | undefined;
  /** As somebody else would. */
  change(path: string, change: (secret: SecretObject) => SecretObject): void;
  delete(path: string): void;
}

interface Watcher {
  readonly path: string;
  readonly onEvent: (event: WatchEvent<never>) => void;
}

export function createApiInMemory(): ApiInMemory {
  const objects = new Map<string, SecretObject>();
  const calls: string[] = [];
  const watchers = new Set<Watcher>();
  let version = 0;
  let failing: (call: string) => KubernetesFailure | undefined = () => undefined;
  const fail = (failure: KubernetesFailure, call: string): never => {
    throw new KubernetesError(failure, `${call}: ${failure}`);
  };
  /** Answers come later, and calls of others in between. */
  const call = async (verb: string, path: string): Promise<string> => {
    const text = `${verb} ${path}`;
    calls.push(text);
    await turn();
    const failure = failing(text);
    return failure === undefined ? text : fail(failure, text);
  };
  const put = (path: string, object: SecretObject): SecretObject => {
    version++;
    const { uid = `uid-${version}` } = object.metadata;
    const stored = { ...object, metadata: { ...object.metadata, uid, resourceVersion: String(version) } };
    objects.set(path, structuredClone(stored));
    tell(path);
    return structuredClone(stored);
  };
  const tell = (path: string): void => {
    for (const watcher of watchers) if (watcher.path === path) notify(watcher);
  };
  const notify = ({ path, onEvent }: Watcher): void => {
    const object = objects.get(path);
    onEvent(object === undefined ? { type: "deleted" } : { type: "present", object: structuredClone(object) as never });
  };
  const remove = (path: string): void => {
    objects.delete(path);
    tell(path);
  };
  const client: KubernetesClient = {
    async get(path) {
      const text = await call("GET", path);
      return structuredClone(objects.get(path) ?? fail("not-found", text)) as never;
    },
    async create(collection, object) {
      const path = `${collection}/${object.metadata.name}`;
      const text = await call("POST", collection);
      return (objects.has(path) ? fail("exists", text) : put(path, object)) as never;
    },
    async replace(path, object) {
      const text = await call("PUT", path);
      const live = objects.get(path) ?? fail("not-found", text);
      const { resourceVersion } = object.metadata;
      if (resourceVersion !== undefined && resourceVersion !== live.metadata.resourceVersion) fail("conflict", text);
      if (live.immutable === true && !hasSameData(live, object)) fail("invalid", text);
      return put(path, { ...object, metadata: { ...object.metadata, uid: live.metadata.uid ?? "" } }) as never;
    },
    async patch(path) {
      return fail("other", await call("PATCH", path));
    },
    async remove(path, uid) {
      const text = await call("DELETE", path);
      const live = objects.get(path) ?? fail("not-found", text);
      if (uid !== undefined && uid !== live.metadata.uid) fail("conflict", text);
      remove(path);
    },
    watch(collection, name, onEvent, { signal }) {
      const watcher = { path: `${collection}/${name}`, onEvent } as Watcher;
      watchers.add(watcher);
      signal.addEventListener("abort", () => watchers.delete(watcher), { once: true });
      setImmediate(() => {
        if (!signal.aborted) notify(watcher);
      });
    },
  };
  return {
    client,
    calls,
    failWhen: (condition) => {
      failing = condition;
    },
    get: (path) => objects.get(path),
    change: (path, change) => {
      const object = objects.get(path);
      if (object !== undefined) put(path, change(structuredClone(object)));
    },
    delete: remove,
  };
}
