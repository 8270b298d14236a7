/**
 * The pod as an admission review carries it: plain JSON, deeply readonly.
 *
 * The shapes come from `@kubernetes/client-node` (Kubernetes 1.36), by type only. Its models are classes
 * with `Date` fields and a serializer that drops fields it does not know; an admission review is plain
 * JSON with strings, and unknown fields in it must survive.
 */
import type {
  V1Container,
  V1EnvVar,
  V1LocalObjectReference,
  V1Pod,
  V1Volume,
  V1VolumeMount,
} from "@kubernetes/client-node";

/** A Kubernetes model as plain, deeply readonly JSON. */
export type Plain<T> = T extends Date
  ? string
  : T extends readonly (infer U)[]
    ? readonly Plain<U>[]
    : T extends object
      ? { readonly [K in keyof T]: Plain<T[K]> }
      : T;

export type Pod = Plain<V1Pod>;
export type PodSpec = NonNullable<Pod["spec"]>;
export type Container = Plain<V1Container>;
export type EnvVar = Plain<V1EnvVar>;
export type Volume = Plain<V1Volume>;
export type VolumeMount = Plain<V1VolumeMount>;
export type ImagePullSecret = Plain<V1LocalObjectReference>;
export type Annotations = Readonly<Record<string, string>>;
