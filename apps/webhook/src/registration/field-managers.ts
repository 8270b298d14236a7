/** Who wrote an object last, as the API server notes it (meta/v1 `managedFields`). */
import { isJsonObject, quoted } from "@pod-secrets/core";

import type { KubernetesObject } from "../kubernetes/kubernetes-client.ts";

/** The API server takes it from the `User-Agent` of our requests. */
const OURSELVES = "pod-secrets";

/** The last writer beside this webhook, for a message; nothing when nobody else wrote. */
export function lastOtherWriter({ metadata }: KubernetesObject): string | undefined {
  const fields: readonly unknown[] = Array.isArray(metadata["managedFields"]) ? metadata["managedFields"] : [];
  const writers = fields.flatMap((entry) => {
    if (!isJsonObject(entry)) return [];
    const { manager, time } = entry;
    if (typeof manager !== "string" || typeof time !== "string" || manager === OURSELVES) return [];
    return [{ manager, time }];
  });
  const last = writers.toSorted((a, b) => a.time.localeCompare(b.time)).at(-1);
  return last === undefined ? undefined : quoted(last.manager, 128);
}
