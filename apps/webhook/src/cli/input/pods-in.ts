/** Documents of the input -> the objects in them: pods, and what only passes through. */
import { ANNOTATION_PREFIX, INJECT_LABEL, quoted, isJsonObject, type JsonObject } from "@pod-secrets/core";

import { AppError } from "../../errors.ts";
import type { InputDocument } from "./documents-in.ts";

/** A Kubernetes object of the input. */
export interface InputObject {
  /** Where its document is: `pods.yaml:12`. */
  readonly source: string;
  /** Its name, or the start of one that will be generated; empty when it has neither. */
  readonly name: string;
  /** For messages: `pods.yaml:12: Pod "train"`. */
  readonly place: string;
  /** JSON pointer inside its document: empty, or that of an entry of a List. */
  readonly pointer: string;
  readonly isPod: boolean;
  readonly value: JsonObject;
}

/**
 * The object of a document, or the entries of a List.
 * @throws AppError `E_INPUT` when one has no kind, or is an AdmissionReview
 */
export function objectsOf(document: InputDocument): readonly InputObject[] {
  const { value, place } = document;
  if (!isList(document)) return [inputObject(place, "", value)];
  const { items } = value;
  if (!Array.isArray(items)) return [];
  return items.map((item: unknown, index) => {
    if (!isJsonObject(item)) throw new AppError("E_INPUT", `${place}: entry ${index} of the List is no object`);
    return inputObject(place, `/items/${index}`, item);
  });
}

/** `List`, `PodList` and the other kinds of lists that `kubectl` writes. */
export function isList({ value }: InputDocument): boolean {
  return text(value["kind"]).endsWith("List") && (value["items"] === null || Array.isArray(value["items"]));
}

function inputObject(source: string, pointer: string, value: JsonObject): InputObject {
  const kind = text(value["kind"]);
  if (kind === "AdmissionReview") {
    throw new AppError("E_INPUT", `${source}: it is an AdmissionReview, not a pod`, "Add --review to `inject`.");
  }
  if (kind === "") {
    throw new AppError("E_INPUT", `${source}: the object has no kind`, "Write `apiVersion: v1` and `kind: Pod`.");
  }
  const name = nameOf(value);
  return {
    source,
    name,
    place: `${source}: ${shown(kind)}${name === "" ? "" : ` ${quoted(name, 253)}`}`,
    pointer,
    isPod: kind === "Pod" && value["apiVersion"] === "v1",
    value,
  };
}

function nameOf(value: JsonObject): string {
  const metadata = metadataOf(value);
  return text(metadata["name"]) || text(metadata["generateName"]);
}

/** The namespace that the object names; empty when it names none. */
export function namespaceOf(value: JsonObject): string {
  return text(metadataOf(value)["namespace"]);
}

/** What the user should know about an object beside what becomes of it. */
export function noteOn({ place, isPod, value }: InputObject): string | undefined {
  if (isPod) return noteOnPod(place, value);
  const { kind, spec } = value;
  if (typeof kind === "string" && kind.toLowerCase() === "pod")
    return `note: ${place} stays as it is, since a pod has \`apiVersion: v1\` and \`kind: Pod\``;
  const makesPods = isJsonObject(spec) && ("template" in spec || "jobTemplate" in spec);
  return `note: ${place} is no pod and stays as it is${makesPods ? "; the webhook changes the pods that it makes" : ""}`;
}

function noteOnPod(place: string, pod: JsonObject): string | undefined {
  if (!asksForSecrets(pod)) return undefined;
  // Registrations select by it.
  if (field(metadataOf(pod)["labels"], INJECT_LABEL) !== "true")
    return `note: ${place} has no label ${INJECT_LABEL}: "true"; in a cluster the webhook does not see it`;
  const containers = field(pod["spec"], "containers");
  if (!Array.isArray(containers) || containers.length > 0) return undefined;
  return `note: ${place} has no container that could use a secret; a cluster refuses such a pod`;
}

function asksForSecrets(value: JsonObject): boolean {
  const { annotations } = metadataOf(value);
  return isJsonObject(annotations) && Object.keys(annotations).some((key) => key.startsWith(ANNOTATION_PREFIX));
}

/** A name or path as it is, or quoted where it has other characters than Kubernetes takes in names. */
export function shown(name: string): string {
  return /^[-A-Za-z0-9_.:/]{1,1024}$/.test(name) ? name : quoted(name, 253);
}

function metadataOf(value: JsonObject): JsonObject {
  return isJsonObject(value["metadata"]) ? value["metadata"] : {};
}

function field(object: unknown, key: string): unknown {
  return isJsonObject(object) && Object.hasOwn(object, key) ? object[key] : undefined;
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
