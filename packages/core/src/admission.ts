/**
 * Admission reviews: what the API server sends and what it takes back
 * (`admission.k8s.io/v1` and `v1beta1`; response shapes of Flyte v1.16.8, controller-runtime v0.22.4).
 */
import { ERRORS, SecretError, quoted } from "./errors.ts";
import type { RequestingUser } from "./injector.ts";
import { mutatePod, type Mutation, type MutationSettings } from "./mutate.ts";
import type { PatchOperation } from "./patch.ts";
import type { StepObserver } from "./pipeline.ts";
import type { Pod } from "./pod.ts";

const VERSIONS = ["admission.k8s.io/v1", "admission.k8s.io/v1beta1"] as const;
export type ReviewVersion = (typeof VERSIONS)[number];

/** A decoded review. */
export interface AdmissionReview {
  readonly apiVersion: ReviewVersion;
  readonly request: AdmissionRequest;
}

/** The parts of an admission request that matter here; everything else in it is ignored. */
export interface AdmissionRequest {
  readonly uid: string;
  readonly operation: string;
  /** Group of the resource, empty for pods. */
  readonly group: string;
  readonly resource: string;
  readonly subResource: string;
  readonly namespace: string;
  /** Name of the object; empty while it is to be generated. */
  readonly name: string;
  readonly dryRun: boolean;
  readonly user?: RequestingUser;
  /** The object as JSON; absent for DELETE and CONNECT. */
  readonly object: unknown;
}

/** The answer, and what it was drawn from. */
export interface AdmissionAnswer {
  readonly response: AdmissionResponse;
  /** Absent where the review is not about the creation of a pod. */
  readonly mutation?: Mutation;
}

/** The `response` of a review, as it goes out. */
export interface AdmissionResponse {
  readonly uid: string;
  readonly allowed: boolean;
  readonly patchType?: "JSONPatch";
  /** Base64 of the JSON Patch. */
  readonly patch?: string;
  readonly status: {
    readonly metadata: Readonly<Record<string, never>>;
    readonly message?: string;
    readonly code: number;
  };
  readonly warnings?: readonly string[];
  readonly auditAnnotations?: Readonly<Record<string, string>>;
}

/**
 * Reads a parsed body.
 * @throws SecretError `E_REVIEW` for anything that is no AdmissionReview with a request and a uid
 */
export function decodeReview(body: unknown): AdmissionReview {
  if (!isObject(body)) throw review("the body is no object");
  const apiVersion = VERSIONS.find((version) => version === body["apiVersion"]);
  if (apiVersion === undefined)
    throw review(`apiVersion is ${named(body["apiVersion"])}, not ${VERSIONS.join(" or ")}`);
  if (body["kind"] !== "AdmissionReview") throw review(`kind is ${named(body["kind"])}, not AdmissionReview`);
  const request = body["request"];
  if (!isObject(request)) throw review("it has no request");
  return { apiVersion, request: decodeRequest(request) };
}

/**
 * Answers a review. Only the creation of a pod is looked at; everything else is allowed as it is.
 * @param deadline milliseconds since 1970
 */
export async function answerReview(
  { request }: AdmissionReview,
  settings: MutationSettings,
  deadline: number,
  observe?: StepObserver,
): Promise<AdmissionAnswer> {
  if (!isPodCreation(request)) return { response: allowed(request.uid) };
  const { uid, namespace, dryRun, user, object } = request;
  if (!isPod(object)) return { response: denied(uid, "there is no content to decode") };
  const facts = { namespace, dryRun, deadline, ...(user === undefined ? {} : { user }) };
  const mutation = await mutatePod(object, facts, settings, observe);
  return { response: respond(uid, mutation), mutation };
}

/** The whole review that answers `review`, in its version. */
export function encodeReview(apiVersion: ReviewVersion, response: AdmissionResponse): string {
  return JSON.stringify({ kind: "AdmissionReview", apiVersion, response });
}

function decodeRequest(request: Json): AdmissionRequest {
  const uid = request["uid"];
  if (typeof uid !== "string" || uid === "") throw review("the request has no uid");
  const resource = isObject(request["resource"]) ? request["resource"] : {};
  const user = decodeUser(request["userInfo"]);
  return {
    uid,
    operation: text(request["operation"]),
    group: text(resource["group"]),
    resource: text(resource["resource"]),
    subResource: text(request["subResource"]),
    namespace: text(request["namespace"]),
    name: text(request["name"]),
    dryRun: request["dryRun"] === true,
    object: request["object"],
    ...(user === undefined ? {} : { user }),
  };
}

function decodeUser(userInfo: unknown): RequestingUser | undefined {
  if (!isObject(userInfo)) return undefined;
  const groups = Array.isArray(userInfo["groups"])
    ? userInfo["groups"].filter((group) => typeof group === "string")
    : [];
  return { username: text(userInfo["username"]), groups };
}

function isPodCreation({ operation, group, resource, subResource }: AdmissionRequest): boolean {
  return operation === "CREATE" && group === "" && resource === "pods" && subResource === "";
}

/** As much of a pod as the pipeline walks over; the rest is between the user and the API server. */
function isPod(object: unknown): object is Pod {
  if (!isObject(object) || (object["kind"] !== undefined && object["kind"] !== "Pod")) return false;
  const { metadata, spec } = object;
  return (metadata === undefined || isMetadata(metadata)) && (spec === undefined || isSpec(spec));
}

function isMetadata(metadata: unknown): boolean {
  if (!isObject(metadata)) return false;
  const { annotations } = metadata;
  if (annotations === undefined || annotations === null) return true;
  return isObject(annotations) && Object.values(annotations).every((value) => typeof value === "string");
}

function isSpec(spec: unknown): boolean {
  return (
    isObject(spec) &&
    isListOf(spec["volumes"], isObject) &&
    isListOf(spec["imagePullSecrets"], isObject) &&
    isListOf(spec["initContainers"], isContainer) &&
    isListOf(spec["containers"], isContainer)
  );
}

function isContainer(container: unknown): boolean {
  return isObject(container) && isListOf(container["env"], isObject) && isListOf(container["volumeMounts"], isMount);
}

function isMount(mount: unknown): boolean {
  return isObject(mount) && typeof mount["mountPath"] === "string";
}

function isListOf(list: unknown, isEntry: (entry: unknown) => boolean): boolean {
  return list === undefined || list === null || (Array.isArray(list) && list.every(isEntry));
}

function respond(uid: string, mutation: Mutation): AdmissionResponse {
  switch (mutation.outcome) {
    case "refused":
      return denied(uid, mutation.message);
    case "unchanged":
      return { ...allowed(uid), ...warnings(mutation.warnings) };
    case "changed":
      return {
        uid,
        allowed: true,
        patchType: "JSONPatch",
        patch: encodePatch(mutation.patch),
        status: { metadata: {}, code: 200 },
        ...warnings(mutation.warnings),
      };
  }
}

function allowed(uid: string): AdmissionResponse {
  return { uid, allowed: true, status: { metadata: {}, message: "No changes", code: 200 } };
}

function denied(uid: string, message: string): AdmissionResponse {
  return { uid, allowed: false, status: { metadata: {}, message, code: 400 } };
}

/** Base64 of ASCII: everything beyond goes out as a JSON escape, since `btoa` takes bytes and not text. */
function encodePatch(patch: readonly PatchOperation[]): string {
  return btoa(
    JSON.stringify(patch).replaceAll(
      /[\u0080-\uffff]/g,
      (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
    ),
  );
}

/** Longest warning; the API server cuts what is longer than 256 and advises 120 (`pkg/warning`, 1.36). */
const MAX_WARNING_LENGTH = 120;
/** Most warnings of one answer, which keeps them below the API server's 4,096 characters in all. */
const MAX_WARNINGS = 30;

function warnings(texts: readonly string[]): { readonly warnings?: readonly string[] } {
  if (texts.length === 0) return {};
  const fit = [...new Set(texts)].slice(0, MAX_WARNINGS);
  return {
    warnings: fit.map((warning) =>
      warning.length > MAX_WARNING_LENGTH ? `${warning.slice(0, MAX_WARNING_LENGTH - 1)}…` : warning,
    ),
  };
}

type Json = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function named(value: unknown): string {
  return typeof value === "string" ? quoted(value) : typeof value;
}

function review(message: string): SecretError {
  return new SecretError("E_REVIEW", message, ERRORS.E_REVIEW.fix);
}
