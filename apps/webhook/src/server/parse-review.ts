/** From the bytes of a body to a review, or to what is wrong with them. */
import { isUtf8 } from "node:buffer";
import { decodeReview, isSecretError, type AdmissionReview } from "@pod-secrets/core";

import { exceededLimit, REVIEW_LIMITS, type JsonLimits } from "./json-limits.ts";
import type { StatusReply } from "./reply.ts";

export function parseReview(bytes: Buffer): AdmissionReview | StatusReply {
  if (bytes.length === 0) return bad("request body is empty");
  if (!isUtf8(bytes)) return bad("the body is not valid UTF-8", "Send the review as JSON in UTF-8.");
  const exceeded = exceededLimit(bytes, REVIEW_LIMITS);
  if (exceeded !== undefined) return bad(BEYOND_LIMITS[exceeded], "Make the pod smaller: no real one has as many.");
  let body: unknown;
  try {
    body = JSON.parse(bytes.toString());
  } catch {
    // The parser's own text quotes the body.
    return bad("the body is not valid JSON");
  }
  try {
    return decodeReview(body);
  } catch (error) {
    if (!isSecretError(error)) throw error;
    return bad(`${error.code}: ${error.message}`, error.fix);
  }
}

function bad(message: string, fix = "Post an admission review, as the API server does."): StatusReply {
  return { code: 400, message, fix };
}

const BEYOND_LIMITS: Readonly<Record<keyof JsonLimits, string>> = {
  depth: `the body is nested deeper than ${REVIEW_LIMITS.depth} levels`,
  values: `the body holds more than ${REVIEW_LIMITS.values} values`,
};
