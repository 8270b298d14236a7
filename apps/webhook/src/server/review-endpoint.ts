/**
 * The HTTP side of an admission: from a request to a review, and from its answer to a response.
 * What is no review gets a Kubernetes `Status` with an HTTP error; a review always gets a review.
 */
import { isUtf8 } from "node:buffer";
import type { IncomingMessage, ServerResponse } from "node:http";
import {
  answerReview,
  decodeReview,
  encodeReview,
  isSecretError,
  type AdmissionAnswer,
  type AdmissionReview,
  type MutationSettings,
} from "@pod-secrets/core";

import type { AdmissionRecord } from "../telemetry/admission-record.ts";
import { withTraceId, type JoinTrace } from "../telemetry/traces/admission-trace.ts";
import { admissionBudget } from "./admission-deadline.ts";
import type { ByteBudget } from "./byte-budget.ts";
import { exceededLimit, REVIEW_LIMITS, type JsonLimits } from "./json-limits.ts";
import { readBody } from "./read-body.ts";
import { sendJson, sendStatus, type StatusReply } from "./reply.ts";

/** Lends the settings that hold now to one admission; a replaced composition is disposed of when nobody uses it any more. */
export type SettingsSource = <Result>(work: (settings: MutationSettings) => Promise<Result>) => Promise<Result>;

export interface ReviewEndpointOptions {
  /** Paths that reviews are posted to, without a query. */
  readonly paths: readonly string[];
  /** Longest body, in bytes. */
  readonly maxBodyBytes: number;
  readonly budget: ByteBudget;
  readonly settings: SettingsSource;
  readonly joinTrace: JoinTrace;
  /** Whether the process is on its way out, so that clients should connect anew, to another one. */
  readonly isDraining: () => boolean;
  /** Whether the client may post reviews, by its certificate. */
  readonly isAllowedClient: (request: IncomingMessage) => boolean;
  readonly onAdmission: (record: AdmissionRecord) => void;
  /** A request that is no review was answered with this HTTP code. */
  readonly onRejection: (code: number) => void;
  /** A request arrived, or was done with. */
  readonly onInFlight: (change: 1 | -1) => void;
}

/** Answers one HTTP request. Never throws, and never rejects. */
export type ReviewEndpoint = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

export function createReviewEndpoint(options: ReviewEndpointOptions): ReviewEndpoint {
  const paths = new Set(options.paths);
  return async (request, response) => {
    options.onInFlight(1);
    try {
      const reply = checkHead(request, paths, options) ?? (await answerBody(request, response, options));
      if (reply === "aborted") return;
      if (reply !== "sent") reject(response, reply, options);
    } catch {
      // Before a review was read there is no uid to answer, and the text of the fault may hold a value.
      reject(response, { code: 500, message: "pod-secrets failed to read the request" }, options);
    } finally {
      options.onInFlight(-1);
    }
  };
}

function reject(response: ServerResponse, reply: StatusReply, options: ReviewEndpointOptions): void {
  options.onRejection(reply.code);
  announceEnd(response, options);
  sendStatus(response, reply);
}

/** Asked for at the very end: the drain may have begun while the admission was being answered. */
function announceEnd(response: ServerResponse, { isDraining }: ReviewEndpointOptions): void {
  if (isDraining()) response.setHeader("Connection", "close");
}

/** What is wrong with a request before its body is looked at. */
function checkHead(
  request: IncomingMessage,
  paths: ReadonlySet<string>,
  options: ReviewEndpointOptions,
): StatusReply | undefined {
  const { headers } = request;
  // Nothing here speaks another protocol, and what follows an upgrade could be read in two ways.
  if (headers.upgrade !== undefined) return { code: 400, message: "upgrades are not supported", headers: CLOSE };
  if (!options.isAllowedClient(request))
    return { code: 403, message: "the client certificate is not one of those allowed" };
  if (!paths.has(pathOf(request))) return { code: 404, message: nothingHere(options) };
  if (request.method !== "POST") {
    return { code: 405, message: "only POST is answered here", headers: { Allow: "POST" } };
  }
  const mediaType = mediaTypeOf(headers["content-type"]);
  if (mediaType !== "application/json") {
    return { code: 415, message: `contentType=${mediaType}, expected application/json` };
  }
  return Number(headers["content-length"] ?? 0) > options.maxBodyBytes ? tooLarge(options) : undefined;
}

/** The API server shows it to whoever creates a pod, and it is the registration that has to be mended. */
function nothingHere({ paths }: ReviewEndpointOptions): string {
  return `there is nothing at this path. Fix: Name ${paths.join(" or ")} in the webhook's registration.`;
}

function tooLarge({ maxBodyBytes }: ReviewEndpointOptions): StatusReply {
  return { code: 413, message: `request entity is too large; limit is ${maxBodyBytes} bytes` };
}

const CLOSE = { Connection: "close" };

async function answerBody(
  request: IncomingMessage,
  response: ServerResponse,
  options: ReviewEndpointOptions,
): Promise<StatusReply | "sent" | "aborted"> {
  // The API server's clock runs from the send: what reading takes, and having it sent, is gone.
  const deadline = Date.now() + admissionBudget(queryOf(request));
  const started = performance.now();
  // Only now is the client asked for what it announced.
  if (request.headers.expect !== undefined) response.writeContinue();
  const body = await readBody(request, options.maxBodyBytes, options.budget);
  switch (body.outcome) {
    case "aborted":
      return "aborted";
    case "too-large":
      return tooLarge(options);
    case "busy":
      // The API server tries again after so many seconds, as long as the timeout allows, and only with this header.
      return { code: 429, message: "too many admissions at once", headers: { "Retry-After": "1" } };
    case "read":
      try {
        return await answerBytes(response, body.bytes, { started, deadline }, options);
      } finally {
        options.budget.give(body.bytes.length);
      }
  }
}

/** Of one request. */
interface Times {
  /** Of `performance`, in milliseconds. */
  readonly started: number;
  /** Milliseconds since 1970. */
  readonly deadline: number;
}

async function answerBytes(
  response: ServerResponse,
  bytes: Buffer,
  { started, deadline }: Times,
  options: ReviewEndpointOptions,
): Promise<StatusReply | "sent"> {
  const trace = options.joinTrace(response.req.headers["traceparent"], started);
  const review = parseReview(bytes);
  if ("code" in review) return review;
  trace?.timer?.decoded();
  let answer: AdmissionAnswer;
  let fault: { readonly fault: unknown } | undefined;
  try {
    answer = await options.settings((settings) =>
      answerReview(review, trace?.timer?.timed(settings) ?? settings, deadline),
    );
  } catch (error) {
    answer = failed(review);
    fault = { fault: error };
  }
  trace?.timer?.answered();
  announceEnd(response, options);
  sendJson(response, 200, encodeReview(review.apiVersion, withTraceId(answer.response, trace)));
  const duration = performance.now() - started;
  options.onAdmission({ review, answer, duration, ...fault, ...(trace === undefined ? {} : { trace }) });
  return "sent";
}

function parseReview(bytes: Buffer): AdmissionReview | StatusReply {
  if (bytes.length === 0) return { code: 400, message: "request body is empty" };
  if (!isUtf8(bytes)) return { code: 400, message: "the body is not valid UTF-8" };
  const exceeded = exceededLimit(bytes, REVIEW_LIMITS);
  if (exceeded !== undefined) return { code: 400, message: BEYOND_LIMITS[exceeded] };
  let body: unknown;
  try {
    body = JSON.parse(bytes.toString());
  } catch {
    // The parser's own text quotes the body.
    return { code: 400, message: "the body is not valid JSON" };
  }
  try {
    return decodeReview(body);
  } catch (error) {
    if (!isSecretError(error)) throw error;
    return { code: 400, message: `${error.code}: ${error.message}` };
  }
}

const BEYOND_LIMITS: Readonly<Record<keyof JsonLimits, string>> = {
  depth: `the body is nested deeper than ${REVIEW_LIMITS.depth} levels`,
  values: `the body holds more than ${REVIEW_LIMITS.values} values`,
};

/** A fault of ours refuses the pod, whatever `onFailure` says: nobody knows what the pod would have got. */
function failed({ request }: AdmissionReview): AdmissionAnswer {
  const message =
    "pod-secrets: E_INTERNAL: the webhook failed. Fix: See its log for this uid, and report it to the authors of pod-secrets.";
  return { response: { uid: request.uid, allowed: false, status: { metadata: {}, message, code: 500 } } };
}

function pathOf({ url = "" }: IncomingMessage): string {
  const query = url.indexOf("?");
  return query === -1 ? url : url.slice(0, query);
}

function queryOf({ url = "" }: IncomingMessage): string {
  const query = url.indexOf("?");
  return query === -1 ? "" : url.slice(query + 1);
}

/** Longest media type shown in a message. */
const MAX_MEDIA_TYPE = 63;

/** Without parameters such as `charset`, which Flyte refuses; what is no media type is not repeated. */
function mediaTypeOf(contentType: string | undefined): string {
  if (contentType === undefined) return "";
  const end = contentType.indexOf(";");
  const type = (end === -1 ? contentType : contentType.slice(0, end)).trim().toLowerCase();
  return type.length <= MAX_MEDIA_TYPE && /^[\w!#$&^.+/-]*$/.test(type) ? type : "(not a media type)";
}
