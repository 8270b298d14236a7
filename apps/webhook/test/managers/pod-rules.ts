/**
 * What the API server takes as a pod, written from its own rules and without ours
 * (k8s.io/kubernetes `pkg/apis/core/validation`, k8s.io/apimachinery `validation`, 1.36; only parts that secrets touch).
 * What the user wrote is valid by the choice of pods, so lists are held against the rules as a whole, and stricter
 * ones against what was added.
 */
type Json = Readonly<Record<string, unknown>>;

const LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const QUALIFIED = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;

/** Everything that is wrong with the pod. @param before the pod as it arrived, whose parts are the user's */
export function podFaults(before: Json, after: Json): readonly string[] {
  const spec = object(after["spec"]);
  const old = object(before["spec"]);
  const volumes = list(spec["volumes"]);
  const init = list(spec["initContainers"]);
  const main = list(spec["containers"]);
  const containers = [...init, ...main];
  const oldContainers = byName([...list(old["initContainers"]), ...list(old["containers"])]);
  const volumeNames = new Set(volumes.map(nameOf));
  return [
    ...annotationFaults(object(object(after["metadata"])["annotations"])),
    ...repeated("volume", volumes.map(nameOf)),
    ...added(list(old["volumes"]), volumes).flatMap(addedVolumeFaults),
    ...repeated("container", containers.map(nameOf)),
    ...containers.flatMap((container) => containerFaults(oldContainers.get(nameOf(container)), container, volumeNames)),
    ...envFileFaults(volumes, init, main),
    ...added(list(old["initContainers"]), init)
      .filter((container) => !oldContainers.has(nameOf(container)))
      .flatMap(addedContainerFaults),
  ];
}

function annotationFaults(annotations: Json): readonly string[] {
  const entries = Object.entries(annotations);
  const bytes = Buffer.byteLength(entries.flat().join(""));
  const keys = entries.flatMap(([key, value]) => {
    const [name = "", prefix, ...more] = key.split("/").toReversed();
    const prefixed = prefix === undefined || (prefix.length <= 253 && SUBDOMAIN.test(prefix));
    const isValid = name.length <= 63 && QUALIFIED.test(name) && prefixed && more.length === 0;
    return isValid && typeof value === "string" ? [] : [`annotation ${key}`];
  });
  return bytes > 256 * 1024 ? [...keys, `${bytes} bytes of annotations`] : keys;
}

function addedVolumeFaults(volume: Json): readonly string[] {
  const { name, ...sources } = volume;
  const kinds = Object.keys(sources);
  const faults = isLabel(name) ? [] : [`volume name ${String(name)}`];
  if (kinds.length !== 1) faults.push(`volume ${String(name)} has ${kinds.length} sources`);
  if (!["secret", "projected", "emptyDir"].includes(kinds[0] ?? "")) faults.push(`volume of kind ${kinds[0]}`);
  const projected = list(object(volume["projected"])["sources"]).map((source) => object(source["secret"]));
  const sets = [...(volume["secret"] === undefined ? [] : [object(volume["secret"])]), ...projected];
  const items = sets.flatMap((set) => list(set["items"]));
  for (const { key, path } of items) {
    if (typeof key !== "string" || !/^[-._a-zA-Z0-9]{1,253}$/.test(key) || /^\.\.?$|^\.\./.test(key))
      faults.push(`item key ${String(key)}`);
    if (typeof path !== "string" || path === "" || path.startsWith("/") || path.split("/").includes(".."))
      faults.push(`item path ${String(path)}`);
  }
  for (const set of sets) {
    const secret = set["secretName"] ?? set["name"];
    if (typeof secret !== "string" || secret.length > 253 || !SUBDOMAIN.test(secret))
      faults.push(`Secret name ${String(secret)}`);
  }
  return [
    ...faults,
    ...repeated(
      `file of volume ${String(name)}`,
      items.map(({ path }) => String(path)),
    ),
  ];
}

function containerFaults(old: Json | undefined, container: Json, volumes: ReadonlySet<string>): readonly string[] {
  const mounts = list(container["volumeMounts"]);
  const where = `container ${nameOf(container)}`;
  return [
    ...(isLabel(container["name"]) ? [] : [where]),
    ...mounts
      .filter((mount) => !volumes.has(nameOf(mount)))
      .map((mount) => `${where}: mount of no volume ${nameOf(mount)}`),
    ...repeated(
      `${where}: mount path`,
      mounts.map(({ mountPath }) => String(mountPath)),
    ),
    ...added(list(old?.["volumeMounts"]), mounts)
      .filter(({ mountPath }) => !/^\/[^:\0]+$/.test(String(mountPath)) || String(mountPath).split("/").includes(".."))
      .map(({ mountPath }) => `${where}: mount path ${String(mountPath)}`),
    ...list(container["env"])
      .filter(({ name }) => !/^[ -<>-~]+$/.test(String(name)))
      .map(({ name }) => `env ${String(name)}`),
    ...added(list(old?.["env"]), list(container["env"])).flatMap(addedEnvFaults),
  ];
}

/**
 * Env files are of an emptyDir (`validateFileKeyRefVolumes`), and the kubelet reads them when it starts a container: one that
 * starts before somebody could write the file waits for ever.
 */
function envFileFaults(volumes: readonly Json[], init: readonly Json[], main: readonly Json[]): readonly string[] {
  const kinds = new Map(volumes.map((volume) => [nameOf(volume), volume]));
  const written = new Set<string>();
  return [...init, ...main].flatMap((container) => {
    const names = list(container["env"]).flatMap(({ valueFrom }) => {
      const { fileKeyRef } = object(valueFrom);
      return fileKeyRef === undefined ? [] : [String(object(fileKeyRef)["volumeName"])];
    });
    const faults = names.flatMap((name) => [
      ...(kinds.get(name)?.["emptyDir"] === undefined ? [`env file of ${name}, which is no emptyDir`] : []),
      ...(written.has(name) ? [] : [`env file of ${name} before it is written in ${nameOf(container)}`]),
    ]);
    for (const mount of list(container["volumeMounts"])) if (mount["readOnly"] !== true) written.add(nameOf(mount));
    return faults;
  });
}

function addedEnvFaults({ name, value, valueFrom }: Json): readonly string[] {
  const faults: string[] = [];
  const { secretKeyRef, fileKeyRef, ...others } = object(valueFrom);
  // `IsEnvVarName`, which every API server takes; one that takes `fileKeyRef` takes more.
  if (
    fileKeyRef === undefined &&
    (!/^[-._a-zA-Z][-._a-zA-Z0-9]*$/.test(String(name)) || /^\.$|^\.\./.test(String(name)))
  )
    faults.push(`env var name ${String(name)}`);
  if (value !== undefined && typeof value !== "string") faults.push(`value of ${String(name)}`);
  if (valueFrom === undefined) return faults;
  if ((value ?? "") !== "") faults.push(`${String(name)} has a value and a source`);
  if (Object.keys(others).length > 0) faults.push(`source of ${String(name)}`);
  if (fileKeyRef !== undefined)
    return secretKeyRef === undefined ? faults : [...faults, `${String(name)} has two sources`];
  const { name: secret, key } = object(secretKeyRef);
  if (!SUBDOMAIN.test(String(secret)) || !/^[-._a-zA-Z0-9]{1,253}$/.test(String(key)))
    faults.push(`reference of ${String(name)}`);
  return faults;
}

function addedContainerFaults(container: Json): readonly string[] {
  const security = object(container["securityContext"]);
  const image = container["image"];
  const faults = typeof image === "string" && image.trim() === image && image !== "" ? [] : ["image of a container"];
  if (security["privileged"] === true) faults.push("privileged container");
  if (list(object(security["capabilities"])["add"]).length > 0) faults.push("capabilities of a container");
  const unknown = Object.keys(container).filter((field) => !CONTAINER_FIELDS.has(field));
  return [...faults, ...unknown.map((field) => `field ${field} of a container`)];
}

const CONTAINER_FIELDS: ReadonlySet<string> = new Set([
  ...["name", "image", "imagePullPolicy", "env", "resources", "securityContext", "volumeMounts"],
  ...["terminationMessagePolicy", "command", "args", "restartPolicy"],
]);

function repeated(what: string, names: readonly string[]): readonly string[] {
  return names.filter((name, at) => names.indexOf(name) !== at).map((name) => `${what} ${name} twice`);
}

/** Entries that were not there before, by what they hold. */
export function added(before: readonly Json[], after: readonly Json[]): readonly Json[] {
  const left = before.map((entry) => JSON.stringify(entry));
  return after.filter((entry) => {
    const at = left.indexOf(JSON.stringify(entry));
    if (at !== -1) left.splice(at, 1);
    return at === -1;
  });
}

export function object(value: unknown): Json {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : {};
}

export function list(value: unknown): readonly Json[] {
  return Array.isArray(value) ? (value as readonly Json[]) : [];
}

export function nameOf(entry: Json): string {
  return String(entry["name"]);
}

function byName(entries: readonly Json[]): ReadonlyMap<string, Json> {
  return new Map(entries.map((entry) => [nameOf(entry), entry]));
}

function isLabel(name: unknown): boolean {
  return typeof name === "string" && name.length <= 63 && LABEL.test(name);
}
