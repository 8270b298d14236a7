/**
 * What the API server makes of a pod between two calls of a webhook. It calls again when a later webhook
 * changed the pod (`reinvocationPolicy: IfNeeded`), and what comes back is not what went out: defaults are
 * filled in, empty values are dropped, quantities are rewritten, and the ServiceAccount admission plugin has
 * mounted its token into containers that were added.
 *
 * Sources: k8s.io/kubernetes `pkg/apis/core/v1/defaults.go` and `zz_generated.defaults.go`,
 * `plugin/pkg/admission/serviceaccount`, the `omitempty` tags of k8s.io/api `core/v1` (1.36).
 */
import type { Container, Pod, PodSpec, Volume } from "@pod-secrets/core";

/** The pod as a webhook gets it when the API server calls again. The argument stays as it is. */
export function asReinvoked(pod: Pod): Pod {
  const { spec } = pod;
  if (spec === undefined) return pod;
  const defaulted = { ...pod, spec: withServiceAccountToken(withDefaults(spec)) };
  return withoutEmpty(structuredClone(defaulted)) as Pod;
}

type Json = Readonly<Record<string, unknown>>;

/** Only fields that are missing are filled in. */
function withMissing<T extends object>(value: T, defaults: Json): T {
  return { ...defaults, ...withoutNulls(value) };
}

function withDefaults(spec: PodSpec): PodSpec {
  const defaulted = withMissing(spec, {
    restartPolicy: "Always",
    dnsPolicy: "ClusterFirst",
    schedulerName: "default-scheduler",
    serviceAccountName: "default",
    serviceAccount: spec.serviceAccountName ?? "default",
    terminationGracePeriodSeconds: 30,
    enableServiceLinks: true,
    preemptionPolicy: "PreemptLowerPriority",
    priority: 0,
    securityContext: {},
    tolerations: [
      { key: "node.kubernetes.io/not-ready", operator: "Exists", effect: "NoExecute", tolerationSeconds: 300 },
      { key: "node.kubernetes.io/unreachable", operator: "Exists", effect: "NoExecute", tolerationSeconds: 300 },
    ],
  });
  return {
    ...defaulted,
    ...(defaulted.volumes === undefined ? {} : { volumes: defaulted.volumes.map(withVolumeDefaults) }),
    ...(defaulted.initContainers === undefined
      ? {}
      : { initContainers: defaulted.initContainers.map(withContainerDefaults) }),
    containers: (defaulted.containers ?? []).map(withContainerDefaults),
  };
}

/** `SetDefaults_*VolumeSource`; a volume without any source is an emptyDir. */
function withVolumeDefaults(volume: Volume): Volume {
  const { name: _, ...sources } = volume;
  if (Object.keys(sources).length === 0) return { ...volume, emptyDir: {} };
  const withMode = ["secret", "configMap", "downwardAPI", "projected"] as const;
  const entries = withMode.flatMap((source) => {
    const value = volume[source];
    return value === undefined || value === null ? [] : [[source, withMissing(value, { defaultMode: 420 })] as const];
  });
  const hostPath = volume.hostPath === undefined ? {} : { hostPath: withMissing(volume.hostPath, { type: "" }) };
  return { ...volume, ...Object.fromEntries(entries), ...hostPath };
}

function withContainerDefaults(container: Container): Container {
  const defaulted = withMissing(container, {
    terminationMessagePath: "/dev/termination-log",
    terminationMessagePolicy: "File",
    imagePullPolicy: pullPolicy(container.image ?? ""),
    resources: {},
  });
  return {
    ...defaulted,
    ...(defaulted.resources === undefined ? {} : { resources: withResourceDefaults(defaulted.resources) }),
    ...(defaulted.env === undefined ? {} : { env: defaulted.env.map(withEnvDefaults) }),
    ...(defaulted.ports === undefined
      ? {}
      : { ports: defaulted.ports.map((port) => withMissing(port, { protocol: "TCP" })) }),
  };
}

/** `SetDefaults_Container`: `Always` for the tag `latest`, given or not. */
function pullPolicy(image: string): string {
  if (image.includes("@")) return "IfNotPresent";
  const tag = /:([^:/]+)$/.exec(image)?.[1];
  return tag === undefined || tag === "latest" ? "Always" : "IfNotPresent";
}

type Resources = NonNullable<Container["resources"]>;

/** `SetDefaults_Pod`: a limit is the request too, when there is none. */
function withResourceDefaults(resources: Resources): Resources {
  const { limits, requests } = resources;
  if (limits === undefined && requests === undefined) return resources;
  return {
    ...resources,
    ...(limits === undefined ? {} : { limits: canonicalQuantities(limits) }),
    requests: canonicalQuantities({ ...limits, ...requests }),
  };
}

/** Quantities are read as numbers and written back in their shortest form: `1000m` is `1`, `1024Mi` is `1Gi`. */
function canonicalQuantities(quantities: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(quantities).map(([name, quantity]) => [name, canonicalQuantity(quantity)]));
}

const LARGER_UNIT: Readonly<Record<string, string>> = { Ki: "Mi", Mi: "Gi", Gi: "Ti", Ti: "Pi" };

function canonicalQuantity(quantity: string): string {
  const [, digits, unit = ""] = /^(\d+)(m|[KMGT]i)$/.exec(quantity) ?? [];
  if (digits === undefined) return quantity;
  const amount = Number(digits);
  if (unit === "m") return amount % 1000 === 0 ? `${amount / 1000}` : quantity;
  const larger = LARGER_UNIT[unit];
  return larger !== undefined && amount > 0 && amount % 1024 === 0
    ? canonicalQuantity(`${amount / 1024}${larger}`)
    : quantity;
}

function withEnvDefaults(entry: NonNullable<Container["env"]>[number]): NonNullable<Container["env"]>[number] {
  const { fieldRef, fileKeyRef } = entry.valueFrom ?? {};
  if (fieldRef !== undefined)
    return { ...entry, valueFrom: { ...entry.valueFrom, fieldRef: withMissing(fieldRef, { apiVersion: "v1" }) } };
  if (fileKeyRef === undefined) return entry;
  return { ...entry, valueFrom: { ...entry.valueFrom, fileKeyRef: withMissing(fileKeyRef, { optional: false }) } };
}

const TOKEN_PATH = "/var/run/secrets/kubernetes.io/serviceaccount";
const TOKEN_VOLUME = "kube-api-access-x7k2p";

/** The ServiceAccount plugin runs again before each webhook is called again, so it sees containers that were added. */
function withServiceAccountToken(spec: PodSpec): PodSpec {
  if (spec.automountServiceAccountToken === false) return spec;
  const { initContainers } = spec;
  const volumes = spec.volumes ?? [];
  const hasToken = volumes.some(({ name }) => name === TOKEN_VOLUME);
  return {
    ...spec,
    volumes: hasToken ? volumes : [...volumes, tokenVolume()],
    ...(initContainers === undefined ? {} : { initContainers: initContainers.map(withTokenMount) }),
    containers: spec.containers.map(withTokenMount),
  };
}

function withTokenMount(container: Container): Container {
  const mounts = container.volumeMounts ?? [];
  if (mounts.some(({ mountPath }) => mountPath === TOKEN_PATH)) return container;
  return { ...container, volumeMounts: [...mounts, { name: TOKEN_VOLUME, readOnly: true, mountPath: TOKEN_PATH }] };
}

function tokenVolume(): Volume {
  return {
    name: TOKEN_VOLUME,
    projected: {
      defaultMode: 420,
      sources: [
        { serviceAccountToken: { expirationSeconds: 3607, path: "token" } },
        { configMap: { name: "kube-root-ca.crt", items: [{ key: "ca.crt", path: "ca.crt" }] } },
      ],
    },
  };
}

function withoutNulls<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, part]) => part !== null && part !== undefined)) as T;
}

/**
 * Fields that are plain strings, plain booleans or lists in Go, with `omitempty`: an empty one is not written.
 * Pointers, such as `optional`, keep their `false`.
 */
const DROPPED_WHEN_EMPTY: ReadonlySet<string> = new Set([
  ...["value", "subPath", "subPathExpr", "medium", "workingDir", "nodeName", "hostname", "subdomain"],
  ...["readOnly", "hostNetwork", "hostPID", "hostIPC", "stdin", "stdinOnce", "tty"],
  ...["env", "envFrom", "volumeMounts", "volumes", "initContainers", "imagePullSecrets", "items"],
  ...["command", "args", "ports", "tolerations", "annotations", "labels", "finalizers", "ownerReferences"],
]);

/** Plain JSON without what Go's `omitempty` leaves out. */
function withoutEmpty(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutEmpty);
  if (typeof value !== "object" || value === null) return value;
  const kept = Object.entries(value).filter(
    ([name, part]) => part !== null && !(DROPPED_WHEN_EMPTY.has(name) && isEmpty(part)),
  );
  return Object.fromEntries(kept.map(([name, part]) => [name, isTextMap(name) ? part : withoutEmpty(part)]));
}

/** Keys of these are the user's, so that a label called `value` keeps its empty text. */
function isTextMap(name: string): boolean {
  return name === "annotations" || name === "labels" || name === "nodeSelector" || name === "volumeAttributes";
}

function isEmpty(value: unknown): boolean {
  return (
    value === "" || value === false || (typeof value === "object" && value !== null && Object.keys(value).length === 0)
  );
}
