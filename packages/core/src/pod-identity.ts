/** Whose pod it is, read from an object of which nothing is checked yet: for audit records, logs and Events. */
import { hasControlCharacters, isDnsSubdomain } from "./grammar.ts";
import { isJsonObject, type JsonObject } from "./object-change.ts";

export interface PodIdentity {
  /** Its name, or what the API server will make one from (`generateName`); empty without either. */
  readonly name: string;
  /** The account that the pod runs as; empty while there is none. */
  readonly serviceAccount: string;
  /** What manages it, such as a ReplicaSet or a Job. */
  readonly controller?: PodController;
}

/** The owner reference with `controller: true` (meta/v1); there is at most one. */
export interface PodController {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
}

/** Most owner references that are looked at. */
const MAX_OWNERS = 64;

/** Never throws. Names are as they stand in the object: quote them where they are shown. */
export function podIdentity(object: unknown): PodIdentity {
  const pod = isJsonObject(object) ? object : {};
  const metadata = isJsonObject(pod["metadata"]) ? pod["metadata"] : {};
  const spec = isJsonObject(pod["spec"]) ? pod["spec"] : {};
  const name = text(metadata["name"]) || text(metadata["generateName"]);
  const controller = controllerAmong(metadata["ownerReferences"]);
  const identity = { name, serviceAccount: text(spec["serviceAccountName"]) };
  return controller === undefined ? identity : { ...identity, controller };
}

function controllerAmong(references: unknown): PodController | undefined {
  if (!Array.isArray(references)) return undefined;
  const owner: unknown = references
    .slice(0, MAX_OWNERS)
    .find((entry) => isJsonObject(entry) && entry["controller"] === true);
  return isJsonObject(owner) ? controllerOf(owner) : undefined;
}

const API_VERSION = /^(?:[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?\/)?v[a-z0-9]{1,62}$/;
const KIND = /^[A-Z][A-Za-z0-9]{0,62}$/;
const MAX_UID = 128;

/** One that no API server would take is none. */
function controllerOf(owner: JsonObject): PodController | undefined {
  const [apiVersion, kind, name, uid] = ["apiVersion", "kind", "name", "uid"].map((key) => text(owner[key])) as [
    string,
    string,
    string,
    string,
  ];
  const isOne = API_VERSION.test(apiVersion) && KIND.test(kind) && isDnsSubdomain(name);
  return isOne && uid !== "" && uid.length <= MAX_UID && !hasControlCharacters(uid)
    ? { apiVersion, kind, name, uid }
    : undefined;
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
