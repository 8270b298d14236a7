/**
 * The init container that makes files of values that stand in its env, as Flyte v2 has it
 * (`embedded_secret_manager.go`). Its script is another: it is the same for all pods, no text of a request is code in
 * it, a group is a folder, and what cannot be written keeps the pod from starting.
 */
import {
  SecretError,
  addFileLookup,
  addInitContainer,
  addMount,
  addVolume,
  isAtOrBelow,
  quoted,
  type Container,
  type EnvVar,
  type InjectionContext,
  type Pod,
  type SecretRequest,
} from "@pod-secrets/core";
import { restrictedContext, toQuantities } from "@pod-secrets/fetch-container";

import type { UnpackerOptions } from "./options.ts";

/** Flyte's name of it (v2.0). */
const VOLUME_NAME = "embedded-secret-vol";

/**
 * Files are `<path>=<base64>`, in SECRETS, SECRETS_1, SECRETS_2 and so on; the folder is the first argument. What `eval`
 * sees is the name of a variable that the script itself makes: a shell has no other way to read one by its name, and
 * `printenv` is not in every image. The kubelet leaves `$((...))` as it is: no env var has such a name. Without any
 * file, the pod must not start.
 */
const SCRIPT = `
set -eu
name=SECRETS
number=0
while eval "entry=\\\${$name-}" && [ -n "$entry" ]; do
  file="$1/\${entry%%=*}"
  mkdir -p "\${file%/*}"
  printf '%s' "\${entry#*=}" | base64 -d > "$file"
  number=$((number + 1))
  name=SECRETS_$number
done
[ "$number" -gt 0 ]
`;

/** No `=`, which ends it, and no `$`, which the kubelet might expand. */
const PATH = /^[-A-Za-z0-9_./:@+,]+$/;
/** Longest `NAME=value` that Linux hands to a program, in bytes with the NUL at its end (`MAX_ARG_STRLEN`, execve(2)). */
const MAX_ENV_STRING = 131_072;

/**
 * Gives every container a value as a file.
 * @throws SecretError `E_FILE_COLLISION`, `E_ENV_VALUE` for a value that is too long, `E_PATH_UNSAFE`, `E_POD_INVALID`
 * for a pod that is not for Linux, and as core's editing
 */
export function addUnpackedFile(
  pod: Pod,
  context: InjectionContext,
  request: SecretRequest,
  value: Uint8Array,
  options: UnpackerOptions,
): Pod {
  if (pod.spec?.os?.name === "windows")
    throw new SecretError(
      "E_POD_INVALID",
      "the pod is for Windows, and the init container that writes its secrets is for Linux",
      "Run the pod on Linux, or ask for the secret as ENV_VAR.",
    );
  const { mountRoot } = context.naming;
  const path = context.naming.filePath(request).slice(mountRoot.length + 1);
  if (!PATH.test(path))
    throw new SecretError("E_PATH_UNSAFE", `${quoted(path, 160)} has characters that no path of this manager may have`);
  const withVolume = addVolume(pod, { name: VOLUME_NAME, emptyDir: { medium: "Memory" } });
  const base = unpacker(mountRoot, options);
  const withContainer = hasUnpacker(withVolume, base) ? withVolume : addInitContainer(withVolume, base, "first");
  const withFile = editUnpacker(withContainer, base, (container) => addEntry(container, base, path, value, context));
  const mount = { name: VOLUME_NAME, readOnly: true, mountPath: mountRoot };
  return addFileLookup(addMount(withFile, context, mount), context, request);
}

function unpacker(mountRoot: string, { name, image, resources, runAsUser }: UnpackerOptions): Container {
  return {
    name,
    image,
    command: ["sh", "-c", SCRIPT, "unpack", mountRoot],
    resources: toQuantities(resources),
    securityContext: restrictedContext(runAsUser),
    terminationMessagePolicy: "FallbackToLogsOnError",
    volumeMounts: [{ name: VOLUME_NAME, mountPath: mountRoot }],
  };
}

function isUnpacker({ name, command }: Container, base: Container): boolean {
  return name === base.name && JSON.stringify(command) === JSON.stringify(base.command);
}

function hasUnpacker({ spec }: Pod, base: Container): boolean {
  return spec?.initContainers?.some((container) => isUnpacker(container, base)) === true;
}

function editUnpacker(pod: Pod, base: Container, edit: (container: Container) => Container): Pod {
  const { spec } = pod;
  const all = spec?.initContainers ?? [];
  const at = all.findIndex((container) => isUnpacker(container, base));
  const container = all[at];
  if (!spec || container === undefined) return pod;
  const edited = edit(container);
  return edited === container ? pod : { ...pod, spec: { ...spec, initContainers: all.with(at, edited) } };
}

function addEntry(
  container: Container,
  base: Container,
  path: string,
  value: Uint8Array,
  context: InjectionContext,
): Container {
  const entries = entriesOf(container);
  const text = `${path}=${Buffer.from(value).toString("base64")}\n`;
  const same = entries.find((entry) => pathOf(entry) === path);
  if (same?.value === text) return container;
  if (same !== undefined) {
    // The API server calls again with what an earlier call made, and meanwhile the store may have another value.
    if (!arrivedWith(same, base, context))
      throw collision(`two secrets of this pod want the file ${quoted(path, 160)}`);
    context.warn?.(`the pod brings the file ${quoted(path, 160)} of a secret, and keeps it as it is`);
    return container;
  }
  const inTheWay = entries.map(pathOf).find((other) => isAtOrBelow(other, path) || isAtOrBelow(path, other));
  if (inTheWay !== undefined)
    throw collision(`file ${quoted(path, 160)} and file ${quoted(inTheWay, 160)} of another secret exclude each other`);
  const name = nameOf(entries.length);
  if (container.env?.some((entry) => entry.name === name) === true)
    throw new SecretError("E_ENV_COLLISION", `another secret of this pod is in env var ${quoted(name)} already`);
  if (name.length + text.length + 2 > MAX_ENV_STRING)
    throw new SecretError("E_ENV_VALUE", `the value of ${quoted(path, 160)} is too long: in base64 it is over 128 KiB`);
  return { ...container, env: [...(container.env ?? []), { name, value: text }] };
}

/** In their order, up to the first that is missing: as the script reads them. */
function entriesOf({ env = [] }: Container): readonly EnvVar[] {
  const entries: EnvVar[] = [];
  for (;;) {
    const entry = env.find(({ name }) => name === nameOf(entries.length));
    if (entry === undefined || !isFile(entry)) return entries;
    entries.push(entry);
  }
}

/** By its ends: there may be a megabyte between them. */
function isFile({ value = "" }: EnvVar): boolean {
  return value.endsWith("\n") && value.indexOf("=") > 0;
}

function nameOf(index: number): string {
  return index === 0 ? "SECRETS" : `SECRETS_${index}`;
}

function pathOf({ value = "" }: EnvVar): string {
  return value.slice(0, value.indexOf("="));
}

function arrivedWith(entry: EnvVar, base: Container, { userPod }: InjectionContext): boolean {
  const arrived = userPod.spec?.initContainers?.find((container) => isUnpacker(container, base));
  return arrived?.env?.some(({ name, value }) => name === entry.name && value === entry.value) === true;
}

function collision(message: string): SecretError {
  return new SecretError("E_FILE_COLLISION", message);
}
