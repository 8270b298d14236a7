/**
 * Answers of Confidant -> what they mean; of release 7.0.0, as they were seen. What it says is not shown: an error page
 * may come from something else.
 */
import { FetchFailure } from "../../failure.ts";
import type { HttpResponse } from "../../http.ts";
import { minutesOfSkew } from "../../identity/clock-skew.ts";
import { parseJsonObject } from "../../json-object.ts";
import { readRetryAfter } from "../../ports/retry-after.ts";
import { parseServiceDocument, type ServiceDocument } from "./service-document.ts";

/** What was asked, as messages name it. */
export interface Question {
  /** Id of the service. */
  readonly service: string;
  /** `service "orders" of "confidant.example.com"` */
  readonly what: string;
}

/** @param now milliseconds since 1970, by the node's clock. @throws FetchFailure for all but the service's document */
export function readAnswer({ service, what }: Question, response: HttpResponse, now: number): ServiceDocument {
  if (response.status !== 200) throw failureOf(what, response, now);
  const document = parseServiceDocument(response.body);
  if (document !== undefined && document.id === service) return document;
  throw new FetchFailure(
    "invalid-answer",
    `${what}: the answer is no document of that service`,
    "Check url and proxy: something else than Confidant may answer there.",
  );
}

function failureOf(what: string, response: HttpResponse, now: number): FetchFailure {
  const { status, headers } = response;
  const retryAfter = readRetryAfter(headers["retry-after"], now);
  // Confidant refuses a token by an HTML page, and a service by JSON.
  const json = parseJsonObject(response.body);
  const isJson = json !== undefined;
  if (status === 429) return throttled(what, retryAfter);
  if (status >= 500) return atFault(what, status, retryAfter);
  if ((status === 403 || status === 401) && isJson) return denied(what, status);
  if (status === 403 || status === 401) return refusedLogin(what, status, minutesOfSkew(response, now));
  // Of a service that is not there it says nothing else; a gateway says what it misses.
  if (status === 404 && isJson && Object.keys(json).length === 0) return noService(what);
  return new FetchFailure(
    "invalid-answer",
    `${what}: what answers is not Confidant (HTTP ${status})`,
    status >= 300 && status < 400
      ? "It sends the caller elsewhere, where a token must not go: set url to the address itself, with https:."
      : "Check url and proxy.",
  );
}

function refusedLogin(what: string, status: number, minutes: number | undefined): FetchFailure {
  if (minutes !== undefined) {
    return new FetchFailure(
      "unauthenticated",
      `${what}: Confidant refuses the login (HTTP ${status}), and its clock is ${minutes} minutes from the node's`,
      "Let the clocks be kept by NTP: a token holds for some minutes only.",
    );
  }
  return new FetchFailure(
    "unauthenticated",
    `${what}: Confidant refuses the login (HTTP ${status})`,
    "Compare key, to and version with the server's AUTH_KEY, AUTH_CONTEXT and token versions; a token made elsewhere may have expired.",
  );
}

function denied(what: string, status: number): FetchFailure {
  return new FetchFailure(
    "denied",
    `${what}: Confidant refuses it to this identity (HTTP ${status})`,
    "Ask for the service that is named as the pod's role is: by default it may read no other.",
  );
}

function noService(what: string): FetchFailure {
  return new FetchFailure(
    "not-found",
    `${what}: there is no such service`,
    "Create it in Confidant, under the name of the pod's role, or correct the name.",
  );
}

function throttled(what: string, retryAfter: number | undefined): FetchFailure {
  const fix = "Start fewer pods at once, or give the program a longer deadline.";
  return new FetchFailure("throttled", `${what}: too many calls (HTTP 429)`, fix, { retryAfter });
}

function atFault(what: string, status: number, retryAfter: number | undefined): FetchFailure {
  const cause = `${what}: Confidant has a fault of its own (HTTP ${status})`;
  return new FetchFailure("unavailable", cause, "See the log of Confidant.", { retryAfter });
}
