/** In what a registration differs from the wanted one, field by field, and the patch that mends it. */
import { isDeepStrictEqual } from "node:util";

import { encodeBundle, heldBundle, type OtherCas } from "./ca-bundle.ts";
import type { OwnerReference, PatchOperation } from "../kubernetes/kubernetes-client.ts";
import type { DesiredRegistration } from "./desired-registration.ts";
import type { ClientConfig, WebhookConfiguration, WebhookEntry } from "./webhook-configuration.ts";

/** What one change is about, and how it is made. */
export interface Difference {
  /** As messages name it: `timeoutSeconds`, `caBundle`, `labels`. */
  readonly field: string;
  readonly operations: readonly PatchOperation[];
}

/** What is wanted of the object. */
export interface Wanted {
  readonly desired: DesiredRegistration;
  /** PEM; none: what is there is left alone. */
  readonly bundle: string | undefined;
  /** Other CAs that may stay in the bundle beside ours, as far as they are valid now. */
  readonly others: OtherCas;
  readonly owner: OwnerReference | undefined;
  /** All that must be there, those of ours as well. */
  readonly annotations: Readonly<Record<string, string>>;
}

/** Everything in which the object differs, in the order in which it can be applied. */
export function differences(live: WebhookConfiguration, wanted: Wanted): readonly Difference[] {
  const { desired, owner, annotations } = wanted;
  const { metadata } = live;
  return [
    ...textDifferences("labels", metadata.labels, desired.labels),
    ...textDifferences("annotations", metadata.annotations, annotations),
    ...ownerDifferences(metadata.ownerReferences ?? [], owner),
    ...entryDifferences(live, wanted),
  ];
}

/** Only the CA bundle of our entry, where there is one. */
export function bundleDifferences(live: WebhookConfiguration, wanted: Wanted): readonly Difference[] {
  const index = (live.webhooks ?? []).findIndex(({ name }) => name === wanted.desired.entry.name);
  const entry = live.webhooks?.[index];
  return entry === undefined ? [] : bundleDifference(entry, index, wanted);
}

/** Of labels or annotations; others than the wanted ones stay. */
function textDifferences(
  field: "labels" | "annotations",
  live: Readonly<Record<string, string>> | undefined,
  wanted: Readonly<Record<string, string>>,
): readonly Difference[] {
  const missing = Object.entries(wanted).filter(([key, value]) => live?.[key] !== value);
  if (missing.length === 0) return [];
  const operations: readonly PatchOperation[] =
    live === undefined
      ? [{ op: "add", path: `/metadata/${field}`, value: Object.fromEntries(missing) }]
      : missing.map(([key, value]) => ({ op: "add", path: `/metadata/${field}/${pointerStep(key)}`, value }));
  return [{ field, operations }];
}

/**
 * Flyte names its ReplicaSet as the owner. An object outside of all namespaces cannot have such an owner, so the
 * garbage collector never removes it, and complains (Kubernetes 1.20 and later).
 */
function ownerDifferences(live: readonly OwnerReference[], owner: OwnerReference | undefined): readonly Difference[] {
  const kept = live.filter(({ kind, uid }) => kind !== "ReplicaSet" && (owner === undefined || uid !== owner.uid));
  const next = owner === undefined ? kept : [...kept, owner];
  const isSame = live.length === next.length && next.every((one) => live.some((other) => isSameOwner(one, other)));
  if (isSame) return [];
  return [{ field: "ownerReferences", operations: [{ op: "add", path: "/metadata/ownerReferences", value: next }] }];
}

function isSameOwner(one: OwnerReference, other: OwnerReference): boolean {
  return one.uid === other.uid && one.kind === other.kind && one.name === other.name;
}

function entryDifferences(live: WebhookConfiguration, wanted: Wanted): readonly Difference[] {
  const { desired, bundle } = wanted;
  const entries = live.webhooks ?? [];
  const index = entries.findIndex(({ name }) => name === desired.entry.name);
  const entry = entries[index];
  const stale = staleEntries(entries, desired.entry);
  if (entry !== undefined)
    return [
      ...clientConfigDifferences(entry, index, desired.entry),
      ...fieldDifferences(entry, index, desired.entry),
      ...bundleDifference(entry, index, wanted),
      ...stale,
    ];
  const { clientConfig } = desired.entry;
  const value: WebhookEntry = {
    ...desired.entry,
    clientConfig: bundle === undefined ? clientConfig : { ...clientConfig, caBundle: encodeBundle(bundle) },
  };
  const operation: PatchOperation =
    live.webhooks === undefined
      ? { op: "add", path: "/webhooks", value: [value] }
      : { op: "add", path: "/webhooks/-", value };
  return [{ field: "webhooks", operations: [operation] }, ...stale];
}

function fieldDifferences(live: WebhookEntry, index: number, wanted: WebhookEntry): readonly Difference[] {
  return Object.entries(wanted).flatMap(([field, value]): Difference[] => {
    if (field === "name" || field === "clientConfig") return [];
    // A list that is empty is not stored.
    if (isDeepStrictEqual(live[field] ?? [], value)) return [];
    const guard = entryGuard(index, live);
    return [{ field, operations: [guard, { op: "add", path: `/webhooks/${index}/${field}`, value }] }];
  });
}

function clientConfigDifferences(live: WebhookEntry, index: number, wanted: WebhookEntry): readonly Difference[] {
  const is = live.clientConfig;
  const should = wanted.clientConfig;
  const path = `/webhooks/${index}/clientConfig`;
  const operations = (["service", "url"] as const).flatMap((field): PatchOperation[] => {
    if (isDeepStrictEqual(is[field], should[field])) return [];
    return should[field] === undefined
      ? [{ op: "remove", path: `${path}/${field}` }]
      : [{ op: "add", path: `${path}/${field}`, value: should[field] }];
  });
  return operations.length === 0
    ? []
    : [{ field: "clientConfig", operations: [entryGuard(index, live), ...operations] }];
}

function bundleDifference(live: WebhookEntry, index: number, { bundle, others }: Wanted): readonly Difference[] {
  if (bundle === undefined) return [];
  const { caBundle } = live.clientConfig;
  const value = encodeBundle(heldBundle(bundle, caBundle, others));
  if (caBundle === value) return [];
  const path = `/webhooks/${index}/clientConfig/caBundle`;
  return [{ field: "caBundle", operations: [entryGuard(index, live), { op: "add", path, value }] }];
}

/** Entries that call this webhook under another name: nobody would keep their CA bundle, and they would refuse pods. */
function staleEntries(entries: readonly WebhookEntry[], wanted: WebhookEntry): readonly Difference[] {
  const stale = entries.flatMap((entry, index) =>
    entry.name !== wanted.name && callsTheSame(entry.clientConfig, wanted.clientConfig) ? [{ entry, index }] : [],
  );
  // From the end, so that the places of the others hold.
  return stale.toReversed().map(({ entry, index }) => ({
    field: "webhooks",
    operations: [entryGuard(index, entry), { op: "remove", path: `/webhooks/${index}` }],
  }));
}

/** Whether both lead to the same server. */
export function callsTheSame(one: ClientConfig, other: ClientConfig): boolean {
  if (other.url !== undefined) return one.url !== undefined && originOf(one.url) === originOf(other.url);
  return one.service?.namespace === other.service?.namespace && one.service?.name === other.service?.name;
}

function originOf(url: string): string {
  return URL.parse(url)?.origin ?? url;
}

function entryGuard(index: number, { name }: WebhookEntry): PatchOperation {
  return { op: "test", path: `/webhooks/${index}/name`, value: name };
}

/** A key in a JSON Pointer (RFC 6901). */
export function pointerStep(key: string): string {
  return key.replaceAll("~", "~0").replaceAll("/", "~1");
}
