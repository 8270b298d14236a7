/** Events that the API server has, so that the same refusal again changes its count instead of making another one. */
import { eventsPath } from "../../kubernetes/api-paths.ts";
import { KubernetesError, type KubernetesClient } from "../../kubernetes/kubernetes-client.ts";
import { eventChange, eventObject, type Occurrences } from "./event-object.ts";

export interface WrittenEvents {
  /**
   * Writes an Event, or changes the one that it wrote under this key.
   * @throws KubernetesError
   */
  readonly write: (client: KubernetesClient, key: string, occurrences: Occurrences) => Promise<void>;
  /** When it was written last, in milliseconds since 1970. */
  readonly lastAt: (key: string) => number | undefined;
}

/** Most that are known; an API server forgets its own after an hour by default (`--event-ttl`). */
const MAX_KNOWN = 1000;

interface Written {
  readonly path: string;
  readonly count: number;
  readonly at: number;
}

/** @param clock milliseconds since 1970 */
export function createWrittenEvents(clock: () => number): WrittenEvents {
  const known = new Map<string, Written>();
  const remember = (key: string, path: string, count: number): void => {
    // The one that was written last stands last, and the first one goes.
    known.delete(key);
    known.set(key, { path, count, at: clock() });
    const [oldest] = known.keys();
    if (known.size > MAX_KNOWN && oldest !== undefined) known.delete(oldest);
  };
  return {
    write: async (client, key, occurrences) => {
      const before = known.get(key);
      const count = (before?.count ?? 0) + occurrences.count;
      if (before !== undefined && (await change(client, before.path, occurrences, count)))
        return remember(key, before.path, count);
      const object = eventObject(occurrences);
      const collection = eventsPath(occurrences.event.target.namespace);
      await client.create(collection, object);
      remember(key, `${collection}/${encodeURIComponent(object.metadata.name)}`, occurrences.count);
    },
    lastAt: (key) => known.get(key)?.at,
  };
}

/** @returns whether the Event was still there */
async function change(
  client: KubernetesClient,
  path: string,
  occurrences: Occurrences,
  count: number,
): Promise<boolean> {
  try {
    await client.patch(path, eventChange(occurrences, count));
    return true;
  } catch (error) {
    if (error instanceof KubernetesError && error.failure === "not-found") return false;
    throw error;
  }
}
