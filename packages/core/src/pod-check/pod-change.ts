/**
 * What may differ between the pod that an injector got and the one it returned: additions in the allowed places, and
 * nothing of the user's. Both pods are plain JSON and share what is the same, so "changed" is "another object".
 */
import { quoted } from "../printable.ts";
import type { InjectionContext } from "../injector.ts";
import { listChange } from "../list-change.ts";
import { isSecretVolumeOf } from "../naming.ts";
import { changedFields, isJsonObject } from "../object-change.ts";
import type { Annotations, Container, Pod, PodSpec, Volume } from "../pod.ts";
import { entryName, type Named } from "./entry-name.ts";
import { envFault } from "./env-change.ts";
import { isReservedAnnotation, unsafeContainerField, unsafeVolumeField } from "./pod-security.ts";

/** What an injector did to the pod that it must not, as the rest of a sentence, or `undefined`. */
export function podChangeFault(before: Pod, after: Pod, context: InjectionContext): string | undefined {
  if (before === after) return undefined;
  return (
    fieldFault(before, after, ["metadata", "spec"], "the pod") ??
    fieldFault(before.metadata, after.metadata, ["annotations"], "the pod's metadata") ??
    annotationFault(before.metadata?.annotations, after.metadata?.annotations) ??
    specFault(before.spec, after.spec, context)
  );
}

/** Fields beside the allowed ones are the same in both. */
function fieldFault(before: unknown, after: unknown, allowed: readonly string[], what: string): string | undefined {
  if (before === after) return undefined;
  if (!isJsonObject(after)) return `removed or replaced ${what}`;
  const wrong = changedFields(isJsonObject(before) ? before : {}, after).find((key) => !allowed.includes(key));
  return wrong === undefined ? undefined : `changed ${quoted(wrong)} of ${what}`;
}

function annotationFault(
  before: Annotations | null | undefined,
  after: Annotations | null | undefined,
): string | undefined {
  if (before === after) return undefined;
  if (!isJsonObject(after)) return "removed or replaced the annotations of the pod";
  const old = before ?? {};
  const changed = changedFields(old, after);
  const reserved = changed.find(isReservedAnnotation);
  if (reserved !== undefined) return `set annotation ${quoted(reserved)}, which no injector may`;
  const wrong = changed.find((key) => Object.hasOwn(old, key) || typeof after[key] !== "string");
  if (wrong === undefined) return undefined;
  const what = Object.hasOwn(old, wrong) ? "changed" : "set to what is no text";
  return `${what} annotation ${quoted(wrong)} of the pod`;
}

function specFault(
  before: PodSpec | null | undefined,
  after: PodSpec | null | undefined,
  context: InjectionContext,
): string | undefined {
  if (before === after) return undefined;
  if (!isJsonObject(before) || !isJsonObject(after)) return "removed or made the pod's spec";
  const editFault = (old: Container, now: Container): string | undefined => containerEditFault(old, now, context);
  return (
    fieldFault(before, after, SPEC_LISTS, "the pod's spec") ??
    listFault("volume", before.volumes, after.volumes, volumeEditFault, unsafeVolumeField) ??
    listFault("image pull secret", before.imagePullSecrets, after.imagePullSecrets, noEdit, noField) ??
    listFault("init container", before.initContainers, after.initContainers, editFault, unsafeContainerField) ??
    listFault("container", before.containers, after.containers, editFault, () => "anything")
  );
}

const SPEC_LISTS: readonly string[] = [
  "volumes",
  "imagePullSecrets",
  "initContainers",
  "containers",
] satisfies readonly (keyof PodSpec)[];

function noEdit(): string {
  return "changed it";
}

function noField(): undefined {
  return undefined;
}

type List<T> = readonly T[] | null | undefined;

/**
 * Every entry of `before` is in `after`, in its order, and each that is new is allowed.
 * @param editFaultOf what is wrong with an edit of an entry
 * @param unsafeFieldOf the field for which an entry must not be added
 */
function listFault<T extends Named>(
  what: string,
  before: List<T>,
  after: List<T>,
  editFaultOf: (old: T, now: T) => string | undefined,
  unsafeFieldOf: (entry: T) => string | undefined,
): string | undefined {
  if (before === after) return undefined;
  if (!Array.isArray(after)) return `made a list of ${what}s something else`;
  const now: readonly T[] = after;
  const old = before ?? [];
  let next = 0;
  for (const entry of now) {
    const counterpart = old[next];
    if (entry === counterpart) {
      next++;
    } else if (!isJsonObject(entry)) {
      return `added a ${what} that is no object`;
    } else if (counterpart !== undefined && counterpart.name === entry.name) {
      const fault = editFaultOf(counterpart, entry);
      if (fault !== undefined) return `${fault} of ${what} ${entryName(entry)}`;
      next++;
    } else {
      const field = unsafeFieldOf(entry);
      if (field !== undefined) return `added ${what} ${entryName(entry)} with ${field}, which is not allowed`;
    }
  }
  const missing = old[next];
  return missing === undefined ? undefined : `removed, changed or reordered ${what} ${entryName(missing)}`;
}

const CONTAINER_LISTS: readonly string[] = ["env", "volumeMounts"] satisfies readonly (keyof Container)[];

function containerEditFault(old: Container, now: Container, context: InjectionContext): string | undefined {
  return (
    fieldFault(old, now, CONTAINER_LISTS, "the fields") ??
    additionsFault("volume mount", old.volumeMounts, now.volumeMounts) ??
    envFault(old, now, context)
  );
}

/** Entries were added, and nothing else happened to the list. */
function additionsFault<T extends Named>(what: string, before: List<T>, after: List<T>): string | undefined {
  if (before === after) return undefined;
  if (!Array.isArray(after)) return `made a list of ${what}s something else`;
  const { added, removed, inOrder } = listChange<T>(before, after);
  const [gone] = removed;
  if (gone !== undefined) return `removed or changed ${what} ${entryName(gone)}`;
  if (!added.every(isJsonObject)) return `added a ${what} that is no object`;
  return inOrder ? undefined : `changed the order of ${what}s`;
}

/** A volume stays as it is, but for keys that join a volume that core made for a Secret. */
function volumeEditFault(old: Volume, now: Volume): string | undefined {
  const secretName = old.secret?.secretName;
  if (secretName === undefined || !isSecretVolumeOf(secretName, old.name)) return "changed the fields";
  return (
    fieldFault(old, now, ["secret"], "the fields") ??
    fieldFault(old.secret, now.secret, ["items"], "the secret") ??
    additionsFault("item", old.secret?.items as List<Named>, now.secret?.items as List<Named>)
  );
}
