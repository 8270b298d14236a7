/**
 * What errors of Google's APIs mean: of Secret Manager, IAM Credentials and the metadata server (`google.rpc.Status`),
 * and of the token endpoints (RFC 6749 5.2).
 */
import type { Meaning } from "../../answer-failure.ts";

export const NO_IDENTITY: Meaning = {
  kind: "unauthenticated",
  cause: "Google does not take the container's access token",
  fix: "Check that the pod's service account is bound to an identity that still exists, and the clock of the node.",
};
const NO_LOGIN: Meaning = {
  kind: "unauthenticated",
  cause: "Google refuses the login",
  fix: "Compare the credentials file with the identity: its key may be deleted, its audience wrong, or the subject not let in.",
};
export const DENIED: Meaning = {
  kind: "denied",
  cause: "Google refuses it, or has no such thing: it does not say which",
  fix: "Grant the pod's identity roles/secretmanager.secretAccessor on the secret, and correct its name.",
};
const PERIMETER: Meaning = {
  kind: "denied",
  cause: "a perimeter of VPC Service Controls refuses it",
  fix: "Let the pod's identity in by an ingress rule of the perimeter.",
};
export const THROTTLED: Meaning = {
  kind: "throttled",
  cause: "Google has had too many calls",
  fix: "Start fewer pods at once, raise the quota of the project, or give the program a longer deadline.",
};
export const AT_FAULT: Meaning = {
  kind: "unavailable",
  cause: "Google has a fault of its own",
  fix: "Try again later; see the Google Cloud Service Health dashboard.",
};
export const WRONG: Meaning = {
  kind: "wrong-request",
  cause: "Google takes the call for wrong",
  fix: "Correct the name and the version that the request asks for, or the credentials file.",
};
export const NO_STATE: Meaning = {
  kind: "disabled",
  cause: "Google does not serve the version in its present state",
  fix: "Enable the version and the key that encrypts it, or ask for another version.",
};

/** `google.rpc.Code`, reasons of `google.rpc.ErrorInfo`, and errors of OAuth. */
export const MEANINGS: Readonly<Record<string, Meaning>> = {
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

/** For whom there is no token endpoint: the credentials file says where it is. */
export const LOGIN_MEANINGS: Readonly<Record<string, Meaning>> = {
  NOT_FOUND: {
    kind: "unauthenticated",
    cause: "Google has no such token endpoint",
    fix: "Correct token_url or token_uri in the credentials file.",
  },
};

/** The state of a version stands in the text alone: "Secret Version [...] is in DESTROYED state." */
export function stateIn(message: string): Meaning {
  const [, state] = /\] is in ([A-Z]+) state/.exec(message) ?? [];
  if (state === "DESTROYED") {
    const fix = "Ask for another version: nobody can have this one back.";
    return { kind: "disabled", cause: "the version is destroyed", fix };
  }
  if (state === "DISABLED")
    return { kind: "disabled", cause: "the version is disabled", fix: "Enable the version, or ask for another." };
  return NO_STATE;
}
