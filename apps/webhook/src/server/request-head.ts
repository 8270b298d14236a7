/** What is wrong with a request before its body is looked at. */
import type { IncomingMessage } from "node:http";

import type { StatusReply } from "./reply.ts";

export interface HeadRules {
  /** Paths that reviews are posted to, without a query. */
  readonly paths: readonly string[];
  /** Longest body, in bytes. */
  readonly maxBodyBytes: number;
  /** Whether the client may post reviews, by its certificate. */
  readonly isAllowedClient: (request: IncomingMessage) => boolean;
}

/** @returns a check of a request's head, which says what to answer to one that can be no review */
export function createHeadCheck(rules: HeadRules): (request: IncomingMessage) => StatusReply | undefined {
  const paths = new Set(rules.paths);
  return (request) => {
    const { headers, method } = request;
    // Nothing here speaks another protocol, and what follows an upgrade could be read in two ways.
    if (headers.upgrade !== undefined)
      return { code: 400, message: "upgrades are not supported", fix: "Post the review over HTTP/1.1." };
    if (!rules.isAllowedClient(request)) return FORBIDDEN;
    if (!paths.has(pathOf(request))) return nothingHere(rules);
    if (method !== "POST") return WRONG_METHOD;
    const mediaType = mediaTypeOf(headers["content-type"]);
    if (mediaType !== "application/json") return wrongType(mediaType);
    return Number(headers["content-length"] ?? 0) > rules.maxBodyBytes ? tooLarge(rules) : undefined;
  };
}

const FORBIDDEN: StatusReply = {
  code: 403,
  message: "the client certificate is not one of those allowed",
  fix: "Use one whose common name stands in `server.clientNames`, or add its name there.",
};

const WRONG_METHOD: StatusReply = {
  code: 405,
  message: "only POST is answered here",
  fix: "Post an admission review, as the API server does; probes and metrics have a port of their own.",
  headers: { Allow: "POST" },
};

/** The API server shows it to whoever creates a pod, and it is the registration that has to be mended. */
function nothingHere({ paths }: HeadRules): StatusReply {
  const fix = `Name ${paths.join(" or ")} in the webhook's registration.`;
  return { code: 404, message: "there is nothing at this path", fix };
}

function wrongType(mediaType: string): StatusReply {
  return {
    code: 415,
    message: `contentType=${mediaType}, expected application/json`,
    fix: "Send the review as JSON, with the header Content-Type: application/json.",
  };
}

/** The answer to a body that is longer than it may be. */
export function tooLarge({ maxBodyBytes }: Pick<HeadRules, "maxBodyBytes">): StatusReply {
  return {
    code: 413,
    message: `request entity is too large; limit is ${maxBodyBytes} bytes`,
    fix: "Make the pod smaller, or raise `server.maxBodyBytes`.",
  };
}

function pathOf({ url = "" }: IncomingMessage): string {
  const query = url.indexOf("?");
  return query === -1 ? url : url.slice(0, query);
}

/** Without `?`. */
export function queryOf({ url = "" }: IncomingMessage): string {
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
