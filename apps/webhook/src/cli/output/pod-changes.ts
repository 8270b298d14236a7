/** What a step changed in a pod, as a list of things with names: for `explain`. It holds no values. */
import {
  createPatch,
  type Container,
  type EnvVar,
  type ImagePullSecret,
  type Pod,
  type Volume,
} from "@pod-secrets/core";

import { escapePointer, unescapePointer } from "../input/json-pointer.ts";

export type PodChange =
  | {
      readonly kind: "env";
      readonly name: string;
      /** Where the kubelet takes the value from; absent when it is literal. */
      readonly from?: string;
      /** Whether the pod had an env var of that name. */
      readonly replaces: boolean;
      readonly containers: readonly string[];
    }
  | { readonly kind: "mount"; readonly path: string; readonly volume: string; readonly containers: readonly string[] }
  | { readonly kind: "volume"; readonly name: string; readonly source: string }
  /** One more file in a volume that is there already. */
  | { readonly kind: "file"; readonly volume: string; readonly name: string }
  | { readonly kind: "initContainer"; readonly name: string; readonly image: string }
  | { readonly kind: "annotation"; readonly name: string }
  | { readonly kind: "imagePullSecret"; readonly name: string }
  /** Something that is none of the above. */
  | { readonly kind: "field"; readonly path: string };

/** The differences between the pod before and after a step, in the order of the patch. */
export function podChanges(before: Pod, after: Pod): readonly PodChange[] {
  const changes: PodChange[] = [];
  for (const operation of createPatch(before, after)) {
    const value = operation.op === "remove" ? undefined : operation.value;
    collect(operation.path, value, { before, after }, changes);
  }
  return changes;
}

interface Pods {
  readonly before: Pod;
  readonly after: Pod;
}

/** An operation may bring one entry, or the list or object that holds the first ones: that is taken apart. */
function collect(path: string, value: unknown, pods: Pods, changes: PodChange[]): void {
  for (const { pattern, change } of ENTRIES) {
    const match = pattern.exec(path);
    if (match === null) continue;
    const found = change(match.slice(1), value, pods);
    if (found !== undefined) add(changes, found);
    return;
  }
  if (typeof value !== "object" || value === null) return void changes.push({ kind: "field", path });
  for (const [key, entry] of Object.entries(value)) collect(`${path}/${escapePointer(key)}`, entry, pods, changes);
}

interface EntryKind {
  readonly pattern: RegExp;
  readonly change: (found: readonly string[], value: unknown, pods: Pods) => PodChange | undefined;
}

/** The places of a pod where injectors add, each with what stands there. */
const ENTRIES: readonly EntryKind[] = [
  {
    pattern: /^\/metadata\/annotations\/([^/]+)$/,
    change: ([key = ""]) => ({ kind: "annotation", name: unescapePointer(key) }),
  },
  { pattern: /^\/spec\/volumes\/\d+$/, change: (_found, value) => volumeChange(value as Volume) },
  {
    pattern: /^\/spec\/volumes\/(\d+)\/secret\/items\/\d+$/,
    change: ([index], value, { after }) => ({
      kind: "file",
      volume: after.spec?.volumes?.[Number(index)]?.name ?? "",
      name: (value as { readonly path: string }).path,
    }),
  },
  {
    pattern: /^\/spec\/imagePullSecrets\/\d+$/,
    change: (_found, value) => ({ kind: "imagePullSecret", name: (value as ImagePullSecret).name ?? "" }),
  },
  {
    pattern: /^\/spec\/initContainers\/\d+$/,
    change: (_found, value) => {
      const { name, image } = value as Container;
      return { kind: "initContainer", name, image: image ?? "" };
    },
  },
  {
    pattern: /^\/spec\/(containers|initContainers)\/(\d+)\/volumeMounts\/(\d+)/,
    change: ([part, container, index], _value, { after }) => {
      const owner = after.spec?.[part as Part]?.[Number(container)];
      const mount = owner?.volumeMounts?.[Number(index)];
      if (owner === undefined || mount === undefined) return undefined;
      return { kind: "mount", path: mount.mountPath, volume: mount.name, containers: [owner.name] };
    },
  },
  {
    // Also a part of an env var: one that had another value before.
    pattern: /^\/spec\/(containers|initContainers)\/(\d+)\/env\/(\d+)/,
    change: ([part, container, index], value, { before, after }) => {
      // Removed: one of ours stands in its place, and that is told.
      if (value === undefined) return undefined;
      const owner = after.spec?.[part as Part]?.[Number(container)];
      const env = owner?.env?.[Number(index)];
      if (owner === undefined || env === undefined) return undefined;
      const was = before.spec?.[part as Part]?.find(({ name }) => name === owner.name);
      const replaces = was?.env?.some(({ name }) => name === env.name) ?? false;
      const from = originOf(env);
      return {
        kind: "env",
        name: env.name,
        ...(from === undefined ? {} : { from }),
        replaces,
        containers: [owner.name],
      };
    },
  },
];

type Part = "containers" | "initContainers";

function volumeChange(volume: Volume): PodChange {
  const secret = volume.secret?.secretName;
  const source = Object.keys(volume).find((key) => key !== "name") ?? "nothing";
  return { kind: "volume", name: volume.name, source: secret === undefined ? source : `Secret ${secret}` };
}

function originOf({ valueFrom }: EnvVar): string | undefined {
  if (valueFrom === undefined) return undefined;
  const { secretKeyRef } = valueFrom;
  if (secretKeyRef === undefined) return Object.keys(valueFrom).join(", ");
  return `Secret ${secretKeyRef.name ?? ""} key ${secretKeyRef.key}`;
}

/** The same thing in one more container is no further change. */
function add(changes: PodChange[], change: PodChange): void {
  const index = changes.findIndex((other) => isSame(other, change));
  const same = changes[index];
  if (same !== undefined && "containers" in same && "containers" in change)
    changes[index] = { ...same, containers: [...new Set([...same.containers, ...change.containers])] };
  else changes.push(change);
}

function isSame(left: PodChange, right: PodChange): boolean {
  if (left.kind === "env" && right.kind === "env")
    return left.name === right.name && left.from === right.from && left.replaces === right.replaces;
  return left.kind === "mount" && right.kind === "mount" && left.path === right.path && left.volume === right.volume;
}
