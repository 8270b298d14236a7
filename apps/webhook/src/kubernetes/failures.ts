/**
 * Answers and errors of HTTP -> why a call of the API failed. Texts of the API server are not quoted: they hold input. Of
 * a refusal its user and verb are, which have a form of their own.
 */
import { isJsonObject, quoted } from "@pod-secrets/core";

import { targetOf, type Call } from "./call-target.ts";
import { KubernetesError, type KubernetesFailure } from "./kubernetes-client.ts";

/**
 * @param body of the answer: a `Status` of the API (meta/v1), or anything that stands in between
 */
export function failureOfStatus(call: Call, status: number, body: unknown): KubernetesError {
  const fields = readStatus(body);
  const { reason, field, causeType, hasCauses, denied } = fields;
  // What is invalid names its fields. Without, a patch could not be applied: a `test` did not hold, or a path is not there.
  const failure = status === 422 && !hasCauses ? "conflict" : failureOf(status, reason);
  const about = [`HTTP ${status}`, ...(reason === undefined ? [] : [reason])].join(" ");
  const where = field === undefined ? "" : ` at ${field}`;
  return new KubernetesError(failure, `${happened(call, failure, fields)}: ${about}${where}`, {
    status,
    causeType,
    deniedUser: denied?.user,
  });
}

/** What is not permitted, and what is not there, is said by verb, resource, name and namespace. */
function happened(call: Call, failure: KubernetesFailure, { denied, missing }: StatusFields): string {
  const target = targetOf(call);
  if (failure === "forbidden" && target !== undefined) {
    if (denied === undefined) return `it is forbidden to ${target.verb} ${target.what}`;
    return `user ${quoted(denied.user, 256)} may not ${denied.verb} ${target.what}`;
  }
  if (failure !== "not-found" || target === undefined) return call;
  if (missing?.kind === target.resource) return `${target.what} does not exist`;
  return missing?.kind === "namespaces" ? `namespace ${quoted(missing.name, 63)} does not exist` : call;
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
  /** Who may not do what, where no permission allows it. */
  readonly denied?: { readonly user: string; readonly verb: string } | undefined;
  /** What is not there: `secrets`, or the namespace of what was to be made. */
  readonly missing?: { readonly kind: string; readonly name: string } | undefined;
}

const REASON = /^[A-Za-z]{1,64}$/;
/** As authorization refuses (Kubernetes 1.36, `responsewriters.Forbidden`): printable ASCII, and no quotes in it. */
const DENIED = /: User "([ !#-[\]-~]{1,256})" cannot ([a-z]{1,32}) resource "/;
const KIND = /^[a-z]{1,64}$/;
const NAME = /^[a-z0-9.-]{1,253}$/;

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
    denied: deniedIn(body["message"]),
    missing: missingIn(details),
  };
}

function deniedIn(message: unknown): StatusFields["denied"] {
  const [, user, verb] = typeof message === "string" ? (DENIED.exec(message) ?? []) : [];
  return user === undefined || verb === undefined ? undefined : { user, verb };
}

function missingIn({ kind, name }: Readonly<Record<string, unknown>>): StatusFields["missing"] {
  const isNamed = typeof kind === "string" && typeof name === "string" && KIND.test(kind) && NAME.test(name);
  return isNamed ? { kind, name } : undefined;
}

function wordOf<Key extends string>(key: Key, value: unknown, grammar: RegExp): { readonly [name in Key]?: string } {
  return typeof value === "string" && grammar.test(value) ? ({ [key]: value } as { [name in Key]: string }) : {};
}

/** Codes of OpenSSL's verification, and of Node for a name that is not in the certificate. */
const UNTRUSTED =
  /^(CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|HOSTNAME_MISMATCH|INVALID_CA|INVALID_PURPOSE|ERR_TLS_CERT_ALTNAME_INVALID)/;

/**
 * A connection that could not be made, or broke; an error of another kind on the way.
 * @param server its scheme, host and port, as far as they are known
 */
export function failureOfConnection(call: Call, error: unknown, server?: string): KubernetesError {
  const code = codeOf(error);
  const failure = code !== undefined && UNTRUSTED.test(code) ? "untrusted" : "unreachable";
  return new KubernetesError(
    failure,
    `${call}: ${code ?? "no connection"}${server === undefined ? "" : ` at ${server}`}`,
    {
      code,
    },
  );
}

function codeOf(error: unknown): string | undefined {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return /^[A-Z0-9_]{1,64}$/.test(code) ? code : undefined;
}
