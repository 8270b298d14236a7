/** What a pod may already have where its secrets go: copied from another pod, written by hand, or by another webhook. */
import {
  goUpper,
  secretVolumeName,
  stableId,
  type Annotations,
  type Container,
  type EnvVar,
  type Pod,
  type SecretAsk,
  type Volume,
  type VolumeMount,
} from "@pod-secrets/core";
import fc from "fast-check";

const PREFIX = "vault.hashicorp.com/";

/** Env vars that a pod has for reasons of its own. */
const ENV: readonly EnvVar[] = [
  { name: "MY_SECRET", value: "mine" },
  { name: "DB_PASSWORD", valueFrom: { secretKeyRef: { name: "db", key: "password", optional: true } } },
  { name: "FLYTE_SECRETS_FILE_PREFIX" },
  { name: "FLYTE_SECRETS_FILE_PREFIX", value: "x-" },
  { name: "FLYTE_SECRETS_DEFAULT_DIR", value: "/etc/flyte/secrets" },
  { name: "FLYTE_SECRETS_ENV_PREFIX", value: "_FSEC_" },
  { name: "SECRET_ARN", value: "mine" },
];

/** Env vars of the names that the requests want, with the value of one of them or of nobody. */
function envVarsLike(asks: readonly SecretAsk[]): readonly EnvVar[] {
  return asks.flatMap(({ group = "", key = "", envVar = "" }) => {
    const derived = ["_FSEC_", "_UNION_", "X_"].map((prefix) => goUpper(`${prefix}${group}_${key}`));
    const names = [...derived, ...(envVar === "" ? [] : [envVar])].filter((name) =>
      /^[-._A-Z][-._A-Z0-9]*$/i.test(name),
    );
    const reference = { valueFrom: { secretKeyRef: { name: group, key, optional: true } } };
    const file = { value: `/etc/flyte/secrets/${group}/${key}`.toLowerCase() };
    return names.flatMap((name) => [
      { name, value: "mine" },
      { name, ...file },
      ...(/^[-.a-z0-9]+$/.test(group) ? [{ name, ...reference }] : []),
    ]);
  });
}

/** Annotations for the Vault Agent Injector. */
const ANNOTATIONS: readonly Annotations[] = [
  ...["true", "1", "false"].map((value) => ({ [`${PREFIX}agent-inject`]: value })),
  { [`${PREFIX}agent-inject-status`]: "injected" },
  { [`${PREFIX}role`]: "own" },
  { [`${PREFIX}agent-pre-populate-only`]: "false" },
  { [`${PREFIX}agent-init-first`]: "true" },
  ...["/etc/flyte/secrets", "/etc/flyte/secrets/", "/secrets", "/vault/secrets"].map((path) => ({
    [`${PREFIX}secret-volume-path`]: path,
  })),
];

/** Those of a secret of the pod's own, at the file of a request or over it, or of the request itself. */
function annotationsLike({ group = "", groupVersion = "", key = "" }: SecretAsk): readonly Annotations[] {
  const [directory = ""] = group.split("/", 1);
  const isLabel = /^[-.a-z0-9]{1,40}$/.test(directory);
  const isVault = ["kv1", "kv2", "db"].includes(groupVersion);
  const ids = ["x", ...(isLabel ? [directory] : []), ...(isVault ? [`fs-${stableId(groupVersion, group, key)}`] : [])];
  const path = `${group}/${key}`.toLowerCase();
  return ids.flatMap((id) => [
    ...["", directory, path, `x/../${path}`].map((file) => ({
      [`${PREFIX}agent-inject-secret-${id}`]: "secret/own",
      [`${PREFIX}agent-inject-file-${id}`]: file,
    })),
    { [`${PREFIX}agent-inject-secret-${id}`]: "secret/own" },
    ...["", "/", `/${directory}`, `/${path}`, "/.."].map((below) => ({
      [`${PREFIX}agent-inject-secret-${id}`]: "secret/own",
      [`${PREFIX}secret-volume-path-${id}`]: `/etc/flyte/secrets${below}`,
    })),
  ]);
}

interface OwnVolume {
  readonly volume: Volume;
  readonly mount: VolumeMount;
}

function mounted(volume: Volume, ...mounts: readonly Omit<VolumeMount, "name">[]): readonly OwnVolume[] {
  return mounts.map((mount) => ({ volume, mount: { name: volume.name, ...mount } }));
}

/** Volumes of names that secrets bring, and mounts at places where they are mounted. */
const VOLUMES: readonly OwnVolume[] = [
  ...mounted(
    { name: "own", emptyDir: {} },
    { mountPath: "/etc/flyte/secrets/db/" },
    { mountPath: "/etc/flyte" },
    { mountPath: "/secrets" },
  ),
  ...["", "v1"].flatMap((version) =>
    ["db", "user-info"].flatMap((group) => {
      const secret = { secretName: group, items: [{ key: "password", path: "password" }], optional: true };
      return mounted(
        { name: secretVolumeName(group, version), secret },
        ...["/own", `/etc/flyte/secrets/${group}`, `/etc/flyte/secrets/${group}/own`].map((mountPath) => ({
          mountPath,
          readOnly: true,
        })),
      );
    }),
  ),
  ...["aws-secret-vol", "gcp-secret-vol", "azure-secret-vol", "vault-secrets"].flatMap((name) =>
    mounted({ name, emptyDir: { medium: "Memory" } }, { mountPath: "/own" }, { mountPath: "/etc/flyte/secrets" }),
  ),
];

interface OwnThings {
  readonly env?: readonly EnvVar[] | undefined;
  readonly annotations?: readonly Annotations[] | undefined;
  readonly volume?: OwnVolume | undefined;
  readonly where: "all" | "first" | "last";
}

/** The pod with some of these, in all containers or in one. */
export function withOwnThings(pod: Pod, asks: readonly SecretAsk[]): fc.Arbitrary<Pod> {
  const wanted = envVarsLike(asks);
  const own = fc.constantFrom(...ENV);
  const env = wanted.length === 0 ? own : fc.oneof(own, { arbitrary: fc.constantFrom(...wanted), weight: 3 });
  const like = asks.flatMap(annotationsLike);
  const annotations =
    like.length === 0
      ? fc.constantFrom(...ANNOTATIONS)
      : fc.oneof(fc.constantFrom(...ANNOTATIONS), { arbitrary: fc.constantFrom(...like), weight: 2 });
  return fc
    .record({
      env: onceIn(2, fc.array(env, { minLength: 1, maxLength: 4 })),
      annotations: onceIn(4, fc.array(annotations, { minLength: 1, maxLength: 3 })),
      volume: onceIn(6, fc.constantFrom(...VOLUMES)),
      where: fc.constantFrom<OwnThings["where"]>("all", "first", "last"),
    })
    .map((things) => withThings(pod, things));
}

function withThings(pod: Pod, things: OwnThings): Pod {
  const { spec = { containers: [] } } = pod;
  const { annotations = [], volume, where } = things;
  const isChosen = (at: number): boolean =>
    where === "all" || at === (where === "first" ? 0 : spec.containers.length - 1);
  const initContainers =
    where === "all" ? spec.initContainers?.map((container) => withOwn(container, things)) : undefined;
  const volumes = (spec.volumes ?? []).filter(({ name }) => name !== volume?.volume.name);
  const own = Object.fromEntries(annotations.flatMap((some) => Object.entries(some)));
  return {
    ...pod,
    ...(annotations.length === 0
      ? {}
      : { metadata: { ...pod.metadata, annotations: { ...pod.metadata?.annotations, ...own } } }),
    spec: {
      ...spec,
      ...(volume === undefined ? {} : { volumes: [...volumes, volume.volume] }),
      ...(initContainers === undefined ? {} : { initContainers }),
      containers: spec.containers.map((container, at) => (isChosen(at) ? withOwn(container, things) : container)),
    },
  };
}

function withOwn(container: Container, { env = [], volume }: OwnThings): Container {
  return {
    ...container,
    ...(env.length === 0 ? {} : { env: [...(container.env ?? []), ...env] }),
    ...(volume === undefined ? {} : { volumeMounts: [...(container.volumeMounts ?? []), volume.mount] }),
  };
}

function onceIn<T>(times: number, arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.oneof({ arbitrary: fc.constant(undefined), weight: times - 1 }, { arbitrary, weight: 1 });
}
