/** Answers and errors of HTTP -> why a call of the API failed. Texts of the API server are not quoted: they hold input. */
import { isJsonObject } from "@pod-secrets/core";

import { KubernetesError, type KubernetesFailure } from "./kubernetes-client.ts";

/** What was asked, as messages name it: `GET /api/v1/...`. */
export type Call = string;

/**
 * @param body of the answer: a `Status` of the API (meta/v1), or anything that stands in between
 */
export function failureOfStatus(call: Call, status: number, body: unknown): KubernetesError {
  const { reason, field, causeType, hasCauses } = readStatus(body);
  // What is invalid names its fields. Without, a patch could not be applied: a `test` did not hold, or a path is not there.
  const failure = status === 422 && !hasCauses ? "conflict" : failureOf(status, reason);
  const about = [`HTTP ${status}`, ...(reason === undefined ? [] : [reason])].join(" ");
  const where = field === undefined ? "" : ` at ${field}`;
  return new KubernetesError(failure, `${call}: ${about}${where}`, { status, causeType });
}

function failureOf(status: number, reason: string | undefined): KubernetesFailure {
  switch (status) {
    case 401:
      return "unauthorized";
    case 403:
      return "forbidden";
    case 404:
      return "not-found";
    case 409:
      return reason === "AlreadyExists" ? "exists" : "conflict";
    case 400:
    case 422:
      return "invalid";
    // A list that is older than what the API server remembers is asked for anew.
    case 410:
      return "conflict";
    case 429:
    case 500:
    case 502:
    case 503:
    case 504:
      return "unavailable";
    default:
      return "other";
  }
}

interface StatusFields {
  /** One word, such as `AlreadyExists`. */
  readonly reason?: string;
  /** Of the first cause: `webhooks[0].clientConfig.caBundle`. */
  readonly field?: string;
  /** Of the first cause, which has it as its `reason`. */
  readonly causeType?: string;
  readonly hasCauses: boolean;
}

const REASON = /^[A-Za-z]{1,64}$/;

function readStatus(body: unknown): StatusFields {
  if (!isJsonObject(body)) return { hasCauses: false };
  const details = isJsonObject(body["details"]) ? body["details"] : {};
  const causes: readonly unknown[] = Array.isArray(details["causes"]) ? details["causes"] : [];
  const first = isJsonObject(causes[0]) ? causes[0] : {};
  return {
    ...wordOf("reason", body["reason"], REASON),
    ...wordOf("field", first["field"], /^[\w.[\]-]{1,200}$/),
    ...wordOf("causeType", first["reason"], REASON),
    hasCauses: causes.length > 0,
  };
}

function wordOf<Key extends string>(key: Key, value: unknown, grammar: RegExp): { readonly [name in Key]?: string } {
  return typeof value === "string" && grammar.test(value) ? ({ [key]: value } as { [name in Key]: string }) : {};
}

/** Codes of OpenSSL's verification, and of Node for a name that is not in the certificate. */
const UNTRUSTED =
  /^(CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|HOSTNAME_MISMATCH|INVALID_CA|INVALID_PURPOSE|ERR_TLS_CERT_ALTNAME_INVALID)/;

/** A connection that could not be made, or broke; an error of another kind on the way. */
export function failureOfConnection(call: Call, error: unknown): KubernetesError {
  const code = codeOf(error);
  const failure = code !== undefined && UNTRUSTED.test(code) ? "untrusted" : "unreachable";
  return new KubernetesError(failure, `${call}: ${code ?? "no connection"}`, { code });
}

function codeOf(error: unknown): string | undefined {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return /^[A-Z0-9_]{1,64}$/.test(code) ? code : undefined;
}
