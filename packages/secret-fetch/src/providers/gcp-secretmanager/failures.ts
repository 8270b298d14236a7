/**
 * Answers of Google's APIs -> what they mean: errors of Secret Manager, IAM Credentials and the metadata server
 * (`google.rpc.Status`), and of the token endpoints (RFC 6749 5.2). Their texts are not shown: they quote what was sent.
 */
import { FetchFailure, type FailureKind } from "../../failure.ts";
import type { HttpResponse } from "../../http.ts";
import { minutesOfSkew } from "../../identity/clock-skew.ts";
import { isJsonObject } from "../exact-json.ts";
import { parseJsonObject, textField } from "../../json-object.ts";
import { readRetryAfter } from "../../ports/retry-after.ts";

/** What a kind of answer means. */
export interface Meaning {
  readonly kind: FailureKind;
  readonly cause: string;
  readonly fix: string;
}

const NO_IDENTITY: Meaning = {
  kind: "unauthenticated",
  cause: "Google does not take the container's access token",
  fix: "Check that the pod's service account is bound to an identity that still exists, and the clock of the node.",
};
const NO_LOGIN: Meaning = {
  kind: "unauthenticated",
  cause: "Google refuses the login",
  fix: "Compare the credentials file with the identity: its key may be deleted, its audience wrong, or the subject not let in.",
};
const DENIED: Meaning = {
  kind: "denied",
  cause: "Google refuses it, or has no such thing: it does not say which",
  fix: "Grant the pod's identity roles/secretmanager.secretAccessor on the secret, and correct its name.",
};
const PERIMETER: Meaning = {
  kind: "denied",
  cause: "a perimeter of VPC Service Controls refuses it",
  fix: "Let the pod's identity in by an ingress rule of the perimeter.",
};
const THROTTLED: Meaning = {
  kind: "throttled",
  cause: "Google has had too many calls",
  fix: "Start fewer pods at once, raise the quota of the project, or give the program a longer deadline.",
};
const AT_FAULT: Meaning = {
  kind: "unavailable",
  cause: "Google has a fault of its own",
  fix: "Try again later; see the Google Cloud Service Health dashboard.",
};
const WRONG: Meaning = {
  kind: "wrong-request",
  cause: "Google takes the call for wrong",
  fix: "Correct the name and the version that the request asks for, or the credentials file.",
};
const NO_STATE: Meaning = {
  kind: "disabled",
  cause: "Google does not serve the version in its present state",
  fix: "Enable the version and the key that encrypts it, or ask for another version.",
};

/** `google.rpc.Code`, reasons of `google.rpc.ErrorInfo`, and errors of OAuth. */
const MEANINGS: Readonly<Record<string, Meaning>> = {
  UNAUTHENTICATED: NO_IDENTITY,
  PERMISSION_DENIED: DENIED,
  SECURITY_POLICY_VIOLATED: PERIMETER,
  SERVICE_DISABLED: {
    kind: "denied",
    cause: "the API is not enabled in the project",
    fix: "Enable it there: gcloud services enable secretmanager.googleapis.com, and iamcredentials.googleapis.com for impersonation.",
  },
  ACCESS_TOKEN_SCOPE_INSUFFICIENT: {
    kind: "denied",
    cause: "the identity of the node has not the scope cloud-platform",
    fix: "Use Workload Identity Federation for GKE, or a node pool with the scope cloud-platform.",
  },
  NOT_FOUND: {
    kind: "not-found",
    cause: "Google has no secret or version of that name in this project",
    fix: "Correct the name, or create it there and add a version.",
  },
  FAILED_PRECONDITION: NO_STATE,
  RESOURCE_EXHAUSTED: THROTTLED,
  ABORTED: AT_FAULT,
  CANCELLED: AT_FAULT,
  DEADLINE_EXCEEDED: AT_FAULT,
  INTERNAL: AT_FAULT,
  UNAVAILABLE: AT_FAULT,
  UNKNOWN: AT_FAULT,
  server_error: AT_FAULT,
  temporarily_unavailable: AT_FAULT,
  invalid_client: NO_LOGIN,
  invalid_grant: NO_LOGIN,
  unauthorized_client: NO_LOGIN,
  access_denied: NO_LOGIN,
  invalid_target: {
    kind: "unauthenticated",
    cause: "Google knows no such workload identity pool or provider",
    fix: "Correct audience in the credentials file, or enable the pool and its provider.",
  },
};

/** What an error is told by. */
interface GoogleError {
  /** The most exact name that {@link MEANINGS} knows, or the first. */
  readonly code: string;
  /** A text that is not shown. */
  readonly message: string;
}

/**
 * @param what was asked, as messages name it
 * @param response with a status that is no success
 * @param now milliseconds since 1970
 * @param own what codes mean for this call alone
 */
export function failureOfAnswer(
  what: string,
  response: HttpResponse,
  now: number,
  own: Readonly<Record<string, Meaning>> = {},
): FetchFailure {
  const { status, headers } = response;
  const error = errorIn(response);
  const special = error !== undefined && Object.hasOwn(own, error.code) ? own[error.code] : undefined;
  const { kind, cause, fix } = special ?? meaningOf(error, status);
  const minutes = kind === "unauthenticated" ? minutesOfSkew(response, now) : undefined;
  const retryAfter = readRetryAfter(headers["retry-after"], now);
  const about = error === undefined ? `HTTP ${status}` : error.code;
  if (minutes === undefined) return new FetchFailure(kind, `${what}: ${cause} (${about})`, fix, { retryAfter });
  return new FetchFailure(
    kind,
    `${what}: ${cause} (${about}), and its clock is ${minutes} minutes from the node's`,
    "Let the clocks be kept by NTP: a token holds for an hour only, and may not begin in the future.",
  );
}

function errorIn({ body }: HttpResponse): GoogleError | undefined {
  const json = parseJsonObject(body) ?? {};
  const error = Object.hasOwn(json, "error") ? json["error"] : undefined;
  if (!isJsonObject(error)) return namedError([textField(json, "error")], "");
  const details = Array.isArray(error["details"]) ? (error["details"] as readonly unknown[]) : [];
  const reasons = details.map((detail) => (isJsonObject(detail) ? textField(detail, "reason") : undefined));
  return namedError([...reasons, textField(error, "status")], textField(error, "message") ?? "");
}

function namedError(names: readonly (string | undefined)[], message: string): GoogleError | undefined {
  const codes = names.filter((name): name is string => name !== undefined && /^[A-Za-z_]{1,64}$/.test(name));
  const code = codes.find((name) => Object.hasOwn(MEANINGS, name)) ?? codes[0];
  return code === undefined ? undefined : { code, message };
}

function meaningOf(error: GoogleError | undefined, status: number): Meaning {
  const known = error !== undefined && Object.hasOwn(MEANINGS, error.code) ? MEANINGS[error.code] : undefined;
  if (known !== undefined) return known === NO_STATE ? stateIn(error?.message ?? "") : known;
  if (status === 429) return THROTTLED;
  if (status >= 500) return AT_FAULT;
  if (error !== undefined) return status === 401 ? NO_IDENTITY : status === 403 ? DENIED : WRONG;
  return {
    kind: "invalid-answer",
    cause: "what answers is not Google",
    fix: "Check url, proxy and network of the pod.",
  };
}

/** The state of a version stands in the text alone: "Secret Version [...] is in DESTROYED state." */
function stateIn(message: string): Meaning {
  if (message.includes("DESTROYED")) {
    const fix = "Ask for another version: nobody can have this one back.";
    return { kind: "disabled", cause: "the version is destroyed", fix };
  }
  if (message.includes("DISABLED"))
    return { kind: "disabled", cause: "the version is disabled", fix: "Enable the version, or ask for another." };
  return NO_STATE;
}
