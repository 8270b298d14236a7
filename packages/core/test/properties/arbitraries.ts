/**
 * Random pods and requests. A pod is one that an API server takes, as Go clients send it: lists are absent, null or
 * empty, fields are there that nobody knows yet, and the user has variables, mounts and volumes that secrets want too.
 */
import fc from "fast-check";

import {
  encodeRequests,
  secretVolumeName,
  type Container,
  type EnvVar,
  type Pod,
  type SecretAsk,
  type Volume,
  type VolumeMount,
} from "../../src/index.ts";

/** A pod that asks for some secrets. */
export function arbitraryAskingPod(): fc.Arbitrary<Pod> {
  return fc
    .tuple(arbitraryPod(), fc.array(arbitraryAsk(), { minLength: 1, maxLength: 4 }))
    .chain(([pod, asks]) => withWantedVars(pod, asks).map((own) => asking(own, asks)));
}

/** Some env vars in some containers that are named as those of the requests, with their values or others. */
function withWantedVars(pod: Pod, asks: readonly SecretAsk[]): fc.Arbitrary<Pod> {
  const wanted = asks.flatMap(wantedVars);
  if (wanted.length === 0) return fc.constant(pod);
  return fc
    .record({
      env: fc.oneof(fc.constant([]), fc.array(fc.constantFrom(...wanted), { maxLength: 3 })),
      isInAll: fc.boolean(),
    })
    .map(({ env, isInAll }) => {
      const { containers = [], ...spec } = pod.spec ?? {};
      const withVars = containers.map((container, index) =>
        env.length === 0 || (index > 0 && !isInAll)
          ? container
          : { ...container, env: [...(container.env ?? []), ...env] },
      );
      return { ...pod, spec: { ...spec, containers: withVars } };
    });
}

function wantedVars({ group = "", key = "", envVar = "" }: SecretAsk): readonly EnvVar[] {
  const derived = ["_FSEC_", "_UNION_"].map((prefix) => `${prefix}${group}_${key}`.toUpperCase());
  const names = [...derived, ...(envVar === "" ? [] : [envVar])].filter((name) => !/[^-._A-Z]/.test(name));
  const reference = { secretKeyRef: { name: group, key, optional: true } };
  return names.flatMap((name) => [
    { name, value: "mine" },
    { name, value: `${key} for $$(HOME)` },
    { name, value: `/etc/flyte/secrets/${group}/${key}`.toLowerCase() },
    { name, valueFrom: reference },
  ]);
}

/** A container that another webhook adds, and what of the pod it does not have. */
export function arbitraryJoiner(): fc.Arbitrary<(pod: Pod) => Pod> {
  return fc
    .record({
      env: fc.constantFrom(undefined, [{ name: "MY_VAR", value: "joined" }], [{ name: "FLYTE_SECRETS_ENV_PREFIX" }]),
      list: fc.constantFrom("initContainers", "containers"),
      isFirst: fc.boolean(),
    })
    .map(({ env, list, isFirst }) => (pod) => {
      const joined: Container = { name: "joined", image: "j:1", ...(env === undefined ? {} : { env }) };
      const others = pod.spec?.[list] ?? [];
      const all = isFirst ? [joined, ...others] : [...others, joined];
      return { ...pod, spec: { containers: [], ...pod.spec, [list]: all } };
    });
}

/** The pod with annotations that ask for secrets; no part of it is shared. */
function asking(pod: Pod, asks: readonly SecretAsk[]): Pod {
  const annotations = { ...pod.metadata?.annotations, ...encodeRequests(asks) };
  return copyOf({ ...pod, metadata: { ...pod.metadata, annotations } });
}

/** A request that a manager can serve. There are few names, so that secrets share volumes, or are asked for twice. */
function arbitraryAsk(): fc.Arbitrary<SecretAsk> {
  return fc.record({
    group: oftenFrom(["user-info", "db", "team.api"], ["", "A/B"]),
    groupVersion: oftenFrom([""], ["v1"]),
    key: oftenFrom(["password", "user", "cert.pem"], ["PASSWORD", "CERT.PEM", "cert-pem", "a/b"]),
    mountRequirement: fc.constantFrom("ANY", "ENV_VAR", "FILE"),
    envVar: oftenFrom([""], ["MY_VAR", "DB_PASSWORD", "_FSEC_DB_PASSWORD", "FLYTE_SECRETS_FILE_PREFIX"]),
  });
}

/** Mostly one that works: a pod with one refused secret is refused. */
function oftenFrom(common: readonly string[], rare: readonly string[]): fc.Arbitrary<string> {
  return fc.oneof(
    { arbitrary: fc.constantFrom(...common), weight: 12 },
    { arbitrary: fc.constantFrom(...rare), weight: 1 },
  );
}

/** A request with any text in any field. */
export function arbitraryTextAsk(): fc.Arbitrary<Required<SecretAsk>> {
  const text = arbitraryText();
  return fc.record({
    group: text,
    groupVersion: text,
    key: text,
    mountRequirement: fc.constantFrom("ANY", "ENV_VAR", "FILE"),
    envVar: text,
  });
}

/** Well-formed text: what JSON over HTTPS brings has no lone surrogates. */
export function arbitraryText(): fc.Arbitrary<string> {
  return fc.oneof(
    fc.string({ maxLength: 12 }),
    fc.string({ unit: "binary", maxLength: 12 }),
    fc.constantFrom(
      "",
      "__proto__",
      "constructor",
      '"',
      "\\",
      "\n\r\t",
      "\0",
      "\ufeffx",
      "'",
      "ü",
      "\u{10ffff}",
      "..",
      "/",
    ),
  );
}

/** A deep copy, as from the wire. */
export function copyOf<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}

/** Freezes a value and all in it. */
export function deeplyFrozen<T>(value: T): T {
  if (typeof value === "object" && value !== null) {
    Object.values(value).forEach(deeplyFrozen);
    Object.freeze(value);
  }
  return value;
}

function arbitraryPod(): fc.Arbitrary<Pod> {
  return fc
    .record({
      metadata: fc.constantFrom(...METADATA),
      spec: fc.constantFrom(...SPECS),
      volumes: listOrNot(fc.subarray([...VOLUMES], { maxLength: 3 })),
      imagePullSecrets: listOrNot(fc.subarray([{ name: "registry" }, {}, { name: "fetch-registry" }])),
      initContainers: listOrNot(fc.array(arbitraryContainer(), { maxLength: 2 })),
      containers: fc.array(arbitraryContainer(), { minLength: 1, maxLength: 3 }),
    })
    .map(({ metadata, spec, volumes, initContainers, containers, ...lists }) => {
      const names = new Set(volumes?.map(({ name }) => name));
      const finished = (list: readonly Container[], prefix: string): readonly Container[] =>
        list.map((container, index) => ({ ...container, ...mountsOf(container, names), name: `${prefix}${index}` }));
      return {
        apiVersion: "v1",
        kind: "Pod",
        metadata,
        spec: {
          ...spec,
          ...lists,
          volumes,
          initContainers: initContainers && finished(initContainers, "init"),
          containers: finished(containers, "main"),
        },
      } as Pod;
    });
}

// As JSON text, since a literal `__proto__` would set the prototype.
const METADATA: readonly object[] = [
  {},
  { name: "p", namespace: "ns", creationTimestamp: null, labels: { "inject-flyte-secrets": "true" } },
  { annotations: { "example.com/owner": "me", "flyte.secrets/x0": "no request" } },
  { generateName: "p-", annotations: { "note.example.com/inject": "mine" } },
  JSON.parse('{"name":"p","annotations":null,"__proto__":{"a":1},"constructor":"x"}') as object,
];

const SPECS: readonly object[] = [
  {},
  { restartPolicy: "Never", tolerations: null, securityContext: {} },
  JSON.parse('{"schedulingGroup":{"podGroupName":"g"},"__proto__":{"volumes":[]},"hasOwnProperty":0}') as object,
];

const VOLUMES: readonly Volume[] = [
  { name: "data", emptyDir: {} },
  { name: "own", secret: { secretName: "user-info" } },
  { name: secretVolumeName("db", ""), secret: { secretName: "db", items: [{ key: "own", path: "own" }] } },
  { name: secretVolumeName("team.api", ""), secret: { secretName: "team.api" } },
  { name: secretVolumeName("user-info", "v1"), emptyDir: {} },
  { name: "token", projected: { sources: [] } },
];

const ENV: readonly EnvVar[] = [
  { name: "HOME", value: "/root" },
  { name: "HOME", value: "/again" },
  { name: "a:b" },
  { name: "FLYTE_SECRETS_ENV_PREFIX", value: "OTHER_" },
  { name: "FLYTE_SECRETS_DEFAULT_DIR", value: "/elsewhere" },
  { name: "FLYTE_SECRETS_FILE_PREFIX", value: "" },
  { name: "DB_PASSWORD", value: "mine" },
  { name: "MY_VAR", valueFrom: { secretKeyRef: { name: "mine", key: "mine", optional: false } } },
  { name: "_FSEC_DB_PASSWORD", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } },
  { name: "_UNION_DB_PASSWORD", valueFrom: { secretKeyRef: { name: "mine", key: "mine" } } },
];

const MOUNTS: readonly VolumeMount[] = [
  { name: "data", mountPath: "/data" },
  { name: "data", mountPath: "/data/again/", subPath: "again" },
  { name: "own", mountPath: "/etc/flyte/secrets/user-info" },
  { name: "token", mountPath: "/etc/flyte/secrets" },
];

function arbitraryContainer(): fc.Arbitrary<Container> {
  return fc
    .record({
      fields: fc.constantFrom<object>(
        { image: "i" },
        { image: "i", resources: { limits: { cpu: "1" } }, future: [{}] },
      ),
      env: listOrNot(fc.array(fc.constantFrom(...ENV), { maxLength: 4 })),
      volumeMounts: listOrNot(fc.subarray([...MOUNTS], { maxLength: 2 })),
    })
    .map(({ fields, ...lists }) => ({ ...fields, ...lists }) as Container);
}

/** A list, or what Go clients send where there is none. */
function listOrNot<T>(list: fc.Arbitrary<readonly T[]>): fc.Arbitrary<readonly T[] | null | undefined> {
  return fc.oneof({ arbitrary: list, weight: 6 }, { arbitrary: fc.constantFrom(undefined, null), weight: 2 });
}

/** A mount names a volume of its pod. */
function mountsOf({ volumeMounts }: Container, volumes: ReadonlySet<string>): Partial<Container> {
  return volumeMounts ? { volumeMounts: volumeMounts.filter(({ name }) => volumes.has(name)) } : {};
}
