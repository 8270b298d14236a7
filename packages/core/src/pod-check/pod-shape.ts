/**
 * Whether a JSON value has the shape of a pod, as far as core and injectors walk over it. An API server has decoded the
 * object before, so this is about other senders. Null counts as absent, as in Go.
 */
import { SecretError } from "../errors.ts";
import { quoted } from "../printable.ts";
import { isJsonObject, type JsonObject } from "../object-change.ts";
import type { Pod } from "../pod.ts";

/**
 * Checks that core and injectors can walk over a pod.
 * @throws SecretError `E_POD_INVALID` with the first place where they cannot
 */
export function checkShape(pod: Pod): void {
  const fault = podShapeFault(pod);
  if (fault === undefined) return;
  throw new SecretError(
    "E_POD_INVALID",
    `the pod cannot be read: pod${fault}`,
    "Write the pod as Kubernetes takes it.",
  );
}

/** What keeps a value from being a pod, such as `.spec.containers[0].name is no text`, or `undefined`. */
function podShapeFault(object: unknown): string | undefined {
  if (!isJsonObject(object)) return " is no object";
  const { kind } = object;
  if (kind !== undefined && kind !== "Pod") return `.kind is ${typeof kind === "string" ? quoted(kind) : "no text"}`;
  return objectFault(object, "metadata", metadataFault) ?? objectFault(object, "spec", specFault);
}

/** What is wrong with an object: where in it, and what. The place grows on the way back, so a good pod costs no text. */
type FaultOf = (value: JsonObject) => string | undefined;

function metadataFault(metadata: JsonObject): string | undefined {
  return objectFault(metadata, "annotations", textsFault);
}

function textsFault(texts: JsonObject): string | undefined {
  const values = Object.values(texts);
  const at = values.findIndex((value) => typeof value !== "string");
  return at === -1 ? undefined : `[${quoted(Object.keys(texts)[at] ?? "")}] is no text`;
}

function specFault(spec: JsonObject): string | undefined {
  return (
    listFault(spec, "volumes", volumeFault) ??
    listFault(spec, "imagePullSecrets", noFault) ??
    listFault(spec, "initContainers", containerFault) ??
    listFault(spec, "containers", containerFault)
  );
}

function volumeFault(volume: JsonObject): string | undefined {
  return nameFault(volume) ?? objectFault(volume, "secret", secretFault);
}

function secretFault(secret: JsonObject): string | undefined {
  return listFault(secret, "items", (item) => textFault(item, "key") ?? textFault(item, "path"));
}

function containerFault(container: JsonObject): string | undefined {
  return (
    nameFault(container) ?? listFault(container, "env", nameFault) ?? listFault(container, "volumeMounts", mountFault)
  );
}

function mountFault(mount: JsonObject): string | undefined {
  return nameFault(mount) ?? textFault(mount, "mountPath");
}

function nameFault(object: JsonObject): string | undefined {
  return textFault(object, "name");
}

function noFault(): undefined {
  return undefined;
}

function objectFault(parent: JsonObject, field: string, faultOf: FaultOf): string | undefined {
  const value = parent[field];
  if (value === undefined || value === null) return undefined;
  const fault = isJsonObject(value) ? faultOf(value) : " is no object";
  return fault === undefined ? undefined : `.${field}${fault}`;
}

function listFault(parent: JsonObject, field: string, faultOf: FaultOf): string | undefined {
  const list = parent[field];
  if (list === undefined || list === null) return undefined;
  if (!Array.isArray(list)) return `.${field} is no list`;
  for (let index = 0; index < list.length; index++) {
    const entry: unknown = list[index];
    const fault = isJsonObject(entry) ? faultOf(entry) : " is no object";
    if (fault !== undefined) return `.${field}[${index}]${fault}`;
  }
  return undefined;
}

function textFault(object: JsonObject, field: string): string | undefined {
  return typeof object[field] === "string" ? undefined : `.${field} is no text`;
}
