/**
 * The Secret that all replicas share. Flyte's keys hold what is served, so that whoever mounts it goes on working:
 * `ca.crt` (all that is to be trusted), `tls.crt` and `tls.key`. `next.crt` and `next.key` hold what is to come.
 * Labels, other annotations and other keys are the owner's, and stay.
 */
import { createHash } from "node:crypto";

import type { ObjectMeta } from "../../kubernetes/kubernetes-client.ts";
import type { ServerCertificate } from "../certificate.ts";
import type { PairNames } from "../certificate-check.ts";
import { readBundle, writeBundle, type TrustedCa } from "../ca-bundle.ts";
import { readGeneration, type Generation } from "./generation.ts";
import { encodeValue, textAt, type SecretObject } from "./secret-object.ts";
import { begin, bundleOf, trustedBy, type ReplicaNote, type Rotation } from "./rotation.ts";

/** How many steps there were. */
const REVISION = "pod-secrets.dev/certificate-revision";
/** Of the content, by which a change from elsewhere is noticed. */
const DIGEST = "pod-secrets.dev/certificate-digest";
/** Id of the next generation, once the registration trusts it. */
const PUBLISHED = "pod-secrets.dev/certificate-published";
/** Followed by the name of a replica. */
const REPLICA = "replica.pod-secrets.dev/";

/** On the Secrets that cert-manager writes, the name of its Certificate. */
const CERT_MANAGER = "cert-manager.io/certificate-name";

/** What a Secret that is there holds. */
export type PresentContent =
  | { readonly kind: "intact"; readonly rotation: Rotation }
  /** Nothing, and nobody has ever filled it, as far as it says: the chart makes it so. */
  | { readonly kind: "empty" }
  /** Somebody else writes it, who would undo whatever is written. */
  | { readonly kind: "foreign"; readonly by: string }
  | {
      readonly kind: "damaged";
      /** In words, without a value. */
      readonly problem: string;
      /** What of it can still be used. */
      readonly salvage?: Rotation;
      /** CAs that can be read. */
      readonly found: readonly TrustedCa[];
    };

/** @param now milliseconds since 1970 */
export function readSecret(secret: SecretObject, now: number): PresentContent {
  const annotations = secret.metadata.annotations ?? {};
  if (annotations[CERT_MANAGER] !== undefined) return { kind: "foreign", by: "cert-manager" };
  if (annotations[REVISION] === undefined && Object.keys(secret.data ?? {}).length === 0) return { kind: "empty" };
  const cas = readBundle(textAt(secret, "ca.crt"));
  const revision = annotations[REVISION] === undefined ? 0 : revisionOf(annotations[REVISION]);
  const damaged = (problem: string, salvage?: Rotation): PresentContent => ({
    kind: "damaged",
    problem,
    found: cas.filter(({ expires }) => expires > now),
    ...(salvage === undefined ? {} : { salvage }),
  });
  const current = generationAt(secret, "tls", cas);
  if (!current.ok) return damaged(current.message);
  const salvage = begin(current.generation, cas, now);
  if (revision === undefined) return damaged("its revision is not a number of steps", salvage);
  const next = hasNext(secret) ? generationAt(secret, "next", cas) : undefined;
  if (next?.ok === false) return damaged(next.message, salvage);
  const rotation = rotationOf(secret, revision, cas, current.generation, next?.generation);
  // A Secret of Flyte has neither of the two.
  const isWhole = annotations[REVISION] === undefined || annotations[DIGEST] === digestOf(rotation);
  return isWhole ? { kind: "intact", rotation } : damaged("its content has been changed from elsewhere", salvage);
}

function rotationOf(
  secret: SecretObject,
  revision: number,
  cas: readonly TrustedCa[],
  current: Generation,
  next: Generation | undefined,
): Rotation {
  const own = new Set([current.ca.pem, next?.ca.pem]);
  return {
    revision,
    current,
    ...(next === undefined ? {} : { next }),
    isPublished: next !== undefined && secret.metadata.annotations?.[PUBLISHED] === next.id,
    former: cas.filter(({ pem }) => !own.has(pem)),
    replicas: new Map(Object.entries(secret.metadata.annotations ?? {}).flatMap(readNote)),
  };
}

function hasNext({ data = {} }: SecretObject): boolean {
  return data["next.crt"] !== undefined || data["next.key"] !== undefined;
}

function generationAt(
  secret: SecretObject,
  which: "tls" | "next",
  cas: readonly TrustedCa[],
): ReturnType<typeof readGeneration> {
  const keys: PairNames = { certificate: `${which}.crt`, key: `${which}.key` };
  return readGeneration({ certificate: textAt(secret, keys.certificate), key: textAt(secret, keys.key) }, cas, keys);
}

/** More steps than any rotation takes. One beyond could not be counted on from, and would outdo what replicas remember. */
const MAX_REVISION = 1e12;

function revisionOf(text: string): number | undefined {
  return /^\d{1,13}$/.test(text) && Number(text) <= MAX_REVISION ? Number(text) : undefined;
}

const NOTE = /^([0-9a-f]{16}) (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)$/;

function readNote([key, value]: readonly [string, string]): readonly (readonly [string, ReplicaNote])[] {
  const [, serves, time] = NOTE.exec(value) ?? [];
  if (!key.startsWith(REPLICA) || serves === undefined || time === undefined) return [];
  return [[key.slice(REPLICA.length), { serves, at: Date.parse(time) }]];
}

/** Certificates only: a key that was changed no longer fits its certificate. */
function digestOf(rotation: Rotation): string {
  const { revision, current, next, isPublished } = rotation;
  const cas = trustedBy(rotation).map(({ pem }) => pem);
  const content = [revision, current.id, next?.id ?? "", isPublished, ...cas];
  return createHash("sha256").update(JSON.stringify(content)).digest("hex").slice(0, 16);
}

/** @param base what is replaced, or what a Secret that is gone was like */
export function writeSecret(rotation: Rotation, base: SecretObject): SecretObject {
  const { "next.crt": _crt, "next.key": _key, ...others } = base.data ?? {};
  const { current, next } = rotation;
  const data = {
    ...others,
    "ca.crt": bundleData(rotation, base),
    "tls.crt": encodeValue(current.certificate),
    "tls.key": encodeValue(current.key),
    ...(next === undefined ? {} : { "next.crt": encodeValue(next.certificate), "next.key": encodeValue(next.key) }),
  };
  return { ...base, metadata: { ...base.metadata, annotations: annotationsOf(rotation, base.metadata) }, data };
}

/** Keys and annotations that only a rotation has are gone. @param trusted the CAs, in their order */
export function writePlainSecret(
  { certificate, key }: ServerCertificate,
  trusted: readonly TrustedCa[],
  base: SecretObject,
): SecretObject {
  const { "next.crt": _crt, "next.key": _key, ...others } = base.data ?? {};
  const { annotations, ...metadata } = base.metadata;
  const kept = Object.entries(annotations ?? {}).filter(([name]) => !isOfRotation(name));
  const data = {
    ...others,
    "ca.crt": encodeValue(writeBundle(trusted)),
    "tls.crt": encodeValue(certificate),
    "tls.key": encodeValue(key),
  };
  return {
    ...base,
    metadata: { ...metadata, ...(annotations === undefined ? {} : { annotations: Object.fromEntries(kept) }) },
    data,
  };
}

function isOfRotation(annotation: string): boolean {
  return [REVISION, DIGEST, PUBLISHED].includes(annotation) || annotation.startsWith(REPLICA);
}

/** As it is while it says the same: the data of an immutable Secret cannot be written in other words. */
function bundleData(rotation: Rotation, base: SecretObject): string {
  const bundle = bundleOf(rotation);
  const isSame = writeBundle(readBundle(textAt(base, "ca.crt"))) === bundle;
  return isSame ? (base.data?.["ca.crt"] ?? "") : encodeValue(bundle);
}

function annotationsOf(rotation: Rotation, { annotations = {} }: ObjectMeta): Readonly<Record<string, string>> {
  const foreign = Object.entries(annotations).filter(([key]) => key !== PUBLISHED && !key.startsWith(REPLICA));
  const notes = [...rotation.replicas].map(([replica, { serves, at }]) => [
    `${REPLICA}${replica}`,
    `${serves} ${new Date(at).toISOString()}`,
  ]);
  return {
    ...Object.fromEntries([...foreign, ...notes]),
    [REVISION]: String(rotation.revision),
    [DIGEST]: digestOf(rotation),
    ...(rotation.isPublished && rotation.next !== undefined ? { [PUBLISHED]: rotation.next.id } : {}),
  };
}

const REPLICA_NAME = /^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/;

/** The name of a replica as the key of an annotation: that of its pod, or a hash of a longer one. */
export function replicaName(host: string): string {
  return REPLICA_NAME.test(host) ? host : createHash("sha256").update(host).digest("hex").slice(0, 16);
}
