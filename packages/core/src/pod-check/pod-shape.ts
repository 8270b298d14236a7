/**
 * Whether a JSON value has the shape of a pod, as far as core and injectors walk over it. An API server has decoded the
 * object before, so this is about other senders. Null counts as absent, as in Go.
 */
import { quoted } from "../errors.ts";
import { isJsonObject, type JsonObject } from "../object-change.ts";
import type { Pod } from "../pod.ts";

/** What keeps a value from being a pod, such as `spec.containers[0].name is no text`, or `undefined`. */
export function podShapeFault(object: unknown): string | undefined {
  if (!isJsonObject(object)) return "it is no object";
  const { kind } = object;
  if (kind !== undefined && kind !== "Pod") return `its kind is ${typeof kind === "string" ? quoted(kind) : "no text"}`;
  return optional(object["metadata"], "metadata", metadataFault) ?? optional(object["spec"], "spec", specFault);
}

/** Whether a value has the shape of a pod. */
export function isPod(object: unknown): object is Pod {
  return podShapeFault(object) === undefined;
}

type FaultOf = (value: JsonObject, at: string) => string | undefined;

function metadataFault(metadata: JsonObject, at: string): string | undefined {
  return optional(metadata["annotations"], `${at}.annotations`, textsFault);
}

function textsFault(texts: JsonObject, at: string): string | undefined {
  const wrong = Object.keys(texts).find((key) => typeof texts[key] !== "string");
  return wrong === undefined ? undefined : `${at}[${quoted(wrong)}] is no text`;
}

function specFault(spec: JsonObject, at: string): string | undefined {
  return (
    each(spec["volumes"], `${at}.volumes`, volumeFault) ??
    each(spec["imagePullSecrets"], `${at}.imagePullSecrets`, anyObject) ??
    each(spec["initContainers"], `${at}.initContainers`, containerFault) ??
    each(spec["containers"], `${at}.containers`, containerFault)
  );
}

function volumeFault(volume: JsonObject, at: string): string | undefined {
  return textFault(volume, "name", at) ?? optional(volume["secret"], `${at}.secret`, secretFault);
}

function secretFault(secret: JsonObject, at: string): string | undefined {
  return each(secret["items"], `${at}.items`, (item, itemAt) => textFault(item, "path", itemAt));
}

function containerFault(container: JsonObject, at: string): string | undefined {
  return (
    textFault(container, "name", at) ??
    each(container["env"], `${at}.env`, (entry, entryAt) => textFault(entry, "name", entryAt)) ??
    each(container["volumeMounts"], `${at}.volumeMounts`, mountFault)
  );
}

function mountFault(mount: JsonObject, at: string): string | undefined {
  return textFault(mount, "name", at) ?? textFault(mount, "mountPath", at);
}

function anyObject(): undefined {
  return undefined;
}

function optional(value: unknown, at: string, faultOf: FaultOf): string | undefined {
  if (value === undefined || value === null) return undefined;
  return isJsonObject(value) ? faultOf(value, at) : `${at} is no object`;
}

function each(list: unknown, at: string, faultOf: FaultOf): string | undefined {
  if (list === undefined || list === null) return undefined;
  if (!Array.isArray(list)) return `${at} is no list`;
  for (const [index, entry] of list.entries()) {
    const fault = isJsonObject(entry) ? faultOf(entry, `${at}[${index}]`) : `${at}[${index}] is no object`;
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function textFault(object: JsonObject, field: string, at: string): string | undefined {
  return typeof object[field] === "string" ? undefined : `${at}.${field} is no text`;
}
