/**
 * Admission reviews: what the API server sends and what it takes back
 * (`admission.k8s.io/v1` and `v1beta1`; response shapes of Flyte v1.16.8, controller-runtime v0.22.4).
 */
import { auditAnnotations } from "./audit.ts";
import { ERRORS, SecretError } from "./errors.ts";
import type { RequestingUser } from "./injector.ts";
import { mutatePod, type Mutation, type MutationSettings } from "./mutate.ts";
import { isJsonObject, type JsonObject } from "./object-change.ts";
import { encodePatch } from "./patch-encoding.ts";
import type { StepObserver } from "./pipeline.ts";
import type { Pod } from "./pod.ts";
import { oneLine, quoted } from "./printable.ts";

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
  if (!isJsonObject(body)) throw review("the body is no object");
  const apiVersion = VERSIONS.find((version) => version === body["apiVersion"]);
  if (apiVersion === undefined)
    throw review(`apiVersion is ${named(body["apiVersion"])}, not ${VERSIONS.join(" or ")}`);
  if (body["kind"] !== "AdmissionReview") throw review(`kind is ${named(body["kind"])}, not AdmissionReview`);
  const request = body["request"];
  if (!isJsonObject(request)) throw review("it has no request");
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
  if (!isJsonObject(object)) return { response: denied(uid, "there is no content to decode") };
  const facts = { namespace, dryRun, deadline, ...(user === undefined ? {} : { user }) };
  const mutation = await mutatePod(object, facts, settings, observe);
  return { response: respond(uid, object, mutation), mutation };
}

/** The whole review that answers one, in its version. */
export function encodeReview(apiVersion: ReviewVersion, response: AdmissionResponse): string {
  const { patch, ...rest } = response;
  const json = JSON.stringify({ kind: "AdmissionReview", apiVersion, response: rest });
  // Base64 needs no escapes, and the patch is most of the answer: put in at the end, it is not searched for them.
  return patch === undefined ? json : `${json.slice(0, -2)},"patch":"${patch}"}}`;
}

function decodeRequest(request: JsonObject): AdmissionRequest {
  const uid = request["uid"];
  if (typeof uid !== "string" || uid === "") throw review("the request has no uid");
  const resource = isJsonObject(request["resource"]) ? request["resource"] : {};
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
  if (!isJsonObject(userInfo)) return undefined;
  const groups = Array.isArray(userInfo["groups"])
    ? userInfo["groups"].filter((group) => typeof group === "string")
    : [];
  return { username: text(userInfo["username"]), groups };
}

function isPodCreation({ operation, group, resource, subResource }: AdmissionRequest): boolean {
  return operation === "CREATE" && group === "" && resource === "pods" && subResource === "";
}

function respond(uid: string, pod: Pod, mutation: Mutation): AdmissionResponse {
  const annotations = auditAnnotations(uid, pod, mutation);
  const audit = annotations === undefined ? {} : { auditAnnotations: annotations };
  switch (mutation.outcome) {
    case "refused":
      return { ...denied(uid, mutation.message), ...audit };
    case "unchanged":
      return { ...allowed(uid), ...warnings(mutation.warnings), ...audit };
    case "changed":
      return {
        uid,
        allowed: true,
        patchType: "JSONPatch",
        patch: encodePatch(mutation.patch),
        status: { metadata: {}, code: 200 },
        ...warnings(mutation.warnings),
        ...audit,
      };
  }
}

function allowed(uid: string): AdmissionResponse {
  return { uid, allowed: true, status: { metadata: {}, message: "No changes", code: 200 } };
}

function denied(uid: string, message: string): AdmissionResponse {
  return { uid, allowed: false, status: { metadata: {}, message, code: 400 } };
}

/** Longest warning; Kubernetes asks for 120 characters. */
const MAX_WARNING_LENGTH = 120;
/** Most warnings of one answer, which keeps them below the API server's 4,096 characters in all (`pkg/warning`, 1.36). */
const MAX_WARNINGS = 30;

/** The API server drops warnings that it has seen, and those with control characters. */
function warnings(texts: readonly string[]): { readonly warnings?: readonly string[] } {
  if (texts.length === 0) return {};
  const lines = new Set(texts.map((warning) => oneLine(warning, MAX_WARNING_LENGTH)));
  return { warnings: [...lines].slice(0, MAX_WARNINGS) };
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
