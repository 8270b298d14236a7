/** Random pods, such as users write them: with and without lists, with fields that nobody knows yet. */
import fc from "fast-check";

import type { Container, EnvVar, Pod, Volume, VolumeMount } from "@pod-secrets/core";

/**
 * A pod with up to two init containers and four containers. Names inside it are unique and every mount has
 * its volume, as in a pod that the API server takes.
 */
export function arbitraryPod(): fc.Arbitrary<Pod> {
  return fc
    .record({
      metadata: fc.constantFrom(...METADATA),
      volumes: listOrNot(fc.constantFrom(...VOLUMES), 3),
      initContainers: listOrNot(arbitraryContainer(), 2),
      containers: fc.array(arbitraryContainer(), { minLength: 1, maxLength: 4, size: "small" }),
      fields: fc.constantFrom(...SPEC_FIELDS),
    })
    .map(({ metadata, fields, volumes, initContainers, containers }) => {
      const named = uniqueVolumes(volumes);
      const names = new Set((named ?? []).map(({ name }) => name));
      const spec = {
        ...fields,
        ...(named === undefined ? {} : { volumes: named }),
        ...(initContainers === undefined
          ? {}
          : { initContainers: initContainers?.map((container, index) => finished(container, `init-${index}`, names)) }),
        containers: containers.map((container, index) => finished(container, `main-${index}`, names)),
      };
      // As from the wire: no two parts of it are one object. Clients in Go write `null` for a list without
      // entries, which the types do not know.
      return JSON.parse(JSON.stringify({ apiVersion: "v1", kind: "Pod", ...metadata, spec })) as Pod;
    });
}

type Json = Readonly<Record<string, unknown>>;

function listOrNot<T>(entry: fc.Arbitrary<T>, maxLength: number): fc.Arbitrary<readonly T[] | null | undefined> {
  return fc.oneof(
    { arbitrary: fc.constant(undefined), weight: 2 },
    { arbitrary: fc.array(entry, { maxLength, size: "small" }), weight: 5 },
    { arbitrary: fc.constant(null), weight: 1 },
  );
}

function arbitraryContainer(): fc.Arbitrary<Container> {
  return fc
    .record({
      fields: fc.constantFrom(...CONTAINER_FIELDS),
      env: listOrNot(fc.constantFrom(...ENV), 4),
      volumeMounts: listOrNot(fc.constantFrom(...MOUNTS), 2),
    })
    .map(
      ({ fields, env, volumeMounts }) =>
        ({
          ...fields,
          ...(env === undefined ? {} : { env }),
          ...(volumeMounts === undefined ? {} : { volumeMounts }),
        }) as Container,
    );
}

function uniqueVolumes(volumes: readonly Volume[] | null | undefined): readonly Volume[] | null | undefined {
  if (volumes === undefined || volumes === null) return volumes;
  return [...new Map(volumes.map((volume) => [volume.name, volume])).values()];
}

function finished(container: Container, name: string, volumes: ReadonlySet<string>): Container {
  const { volumeMounts } = container;
  if (volumeMounts === undefined || volumeMounts === null) return { ...container, name };
  const unique = new Map(volumeMounts.map((mount) => [mount.mountPath, mount]));
  return { ...container, name, volumeMounts: [...unique.values()].filter((mount) => volumes.has(mount.name)) };
}

const METADATA: readonly Json[] = [
  {},
  { metadata: {} },
  { metadata: { name: "task", namespace: "flytesnacks-development", annotations: null } },
  { metadata: { generateName: "task-", labels: { "inject-flyte-secrets": "true" }, creationTimestamp: null } },
  {
    metadata: {
      name: "task",
      annotations: { "example.com/owner": "data-team", "cluster-autoscaler.kubernetes.io/safe-to-evict": "false" },
      ownerReferences: [{ apiVersion: "flyte.lyft.com/v1alpha1", kind: "flyteworkflow", name: "f1", uid: "1" }],
      fieldOfTheFuture: { nested: [1, null, "two"] },
    },
    status: {},
  },
];

const SPEC_FIELDS: readonly Json[] = [
  {},
  { serviceAccountName: "default", restartPolicy: "Never", tolerations: [{ operator: "Exists" }] },
  { imagePullSecrets: [{ name: "registry" }], nodeSelector: { "node.kubernetes.io/gpu": "" }, securityContext: {} },
  {
    fieldOfTheFuture: { list: [{ a: 1 }, { a: 1 }], deep: { deeper: { deepest: false } } },
    ephemeralContainers: [{ name: "debug", image: "busybox", env: [{ name: "DEBUG", value: "1" }] }],
    affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [] } } },
    overhead: { cpu: "250m" },
  },
];

const CONTAINER_FIELDS: readonly Json[] = [
  { image: "example.com/task:1" },
  { image: "example.com/task", command: ["pyflyte-execute"], args: ["--inputs", "s3://bucket/x", "$(HOSTNAME)"] },
  { image: "a@sha256:0000", resources: { limits: { cpu: "2", memory: "4Gi" } }, ports: [{ containerPort: 8080 }] },
  {
    image: "b",
    restartPolicy: "Always",
    fieldOfTheFuture: [{ x: null }],
    envFrom: [{ configMapRef: { name: "settings" } }],
    lifecycle: { preStop: { exec: { command: ["sleep", "1"] } } },
    securityContext: { runAsNonRoot: true, capabilities: { drop: ["ALL"] } },
  },
];

/** Some are what a task sets about secrets itself, since that is where the two profiles differ. */
const ENV: readonly (EnvVar & Json)[] = [
  { name: "HOME_OF_TASK", value: "/root" },
  { name: "EMPTY" },
  { name: "NODE_NAME", valueFrom: { fieldRef: { fieldPath: "spec.nodeName" } } },
  { name: "TOKEN", valueFrom: { secretKeyRef: { name: "other", key: "token" } } },
  { name: "FUTURE", value: "x", fieldOfTheFuture: true },
  { name: "REPEATED", value: "1" },
  { name: "REPEATED", value: "2" },
  { name: "with:colon", value: "allowed since Kubernetes 1.32" },
  { name: "FLYTE_SECRETS_DEFAULT_DIR", value: "/somewhere/else" },
  { name: "FLYTE_SECRETS_ENV_PREFIX", value: "MINE_" },
];

const VOLUMES: readonly (Volume & Json)[] = [
  { name: "scratch", emptyDir: {} },
  { name: "settings", configMap: { name: "settings" } },
  { name: "all-of-it", secret: { secretName: "other" } },
  { name: "projected", projected: { sources: [{ serviceAccountToken: { path: "token" } }] } },
  { name: "host", hostPath: { path: "/var/log" } },
  { name: "future", sourceOfTheFuture: { a: [1, 2, 3] } },
];

const MOUNTS: readonly (VolumeMount & Json)[] = [
  { name: "scratch", mountPath: "/tmp/scratch" },
  { name: "settings", mountPath: "/etc/settings", readOnly: true },
  { name: "all-of-it", mountPath: "/var/secrets/", subPath: "a" },
  { name: "projected", mountPath: "/var/run/projected", mountPropagation: "None" },
  { name: "host", mountPath: "/host/log" },
  { name: "future", mountPath: "/future", fieldOfTheFuture: {} },
];
