/**
 * Answers of Azure -> what they mean: errors of Key Vault ("REST API error codes"), and of Microsoft Entra ("error
 * codes"). Their texts are not shown: they quote what was sent.
 */
import { FetchFailure, type FailureKind } from "../../failure.ts";
import type { HttpResponse } from "../../http.ts";
import { minutesOfSkew } from "../../identity/clock-skew.ts";
import { parseJsonObject, textField } from "../../json-object.ts";
import { readRetryAfter } from "../../ports/retry-after.ts";
import { isJsonObject } from "../exact-json.ts";

interface Meaning {
  readonly kind: FailureKind;
  readonly cause: string;
  readonly fix: string;
}

const NO_TOKEN: Meaning = {
  kind: "unauthenticated",
  cause: "Key Vault does not take the container's access token",
  fix: "Let tenantId be the tenant of the vault, and check the clock of the node.",
};
const NO_LOGIN: Meaning = {
  kind: "unauthenticated",
  cause: "Microsoft Entra refuses the login",
  fix: "Look the code up in Microsoft Entra's error codes; compare tenant, client id and federated credential.",
};
const NO_CREDENTIAL: Meaning = {
  kind: "unauthenticated",
  cause: "the identity has no federated credential for the pod's service account",
  fix: "Add one: the cluster's OIDC issuer, the subject system:serviceaccount:NAMESPACE:NAME, the audience api://AzureADTokenExchange.",
};
const STALE_TOKEN: Meaning = {
  kind: "unauthenticated",
  cause: "the token of the service account does not hold now",
  fix: "Check the clock of the node, and that the token's volume is projected anew.",
};
const DENIED: Meaning = {
  kind: "denied",
  cause: "Key Vault refuses it to this identity",
  fix: "Give it the role Key Vault Secrets User on the vault or the secret, or an access policy with the permission Get.",
};
const FIREWALL: Meaning = {
  kind: "denied",
  cause: "the vault's firewall refuses the pod's address",
  fix: "Let the cluster's network in, or reach the vault by a private endpoint.",
};
const DISABLED: Meaning = {
  kind: "disabled",
  cause: "the secret is disabled",
  fix: "Enable the version, or ask for another.",
};
const DELETED: Meaning = {
  kind: "disabled",
  cause: "the secret is deleted",
  fix: "Recover the secret, or use another.",
};
const THROTTLED: Meaning = {
  kind: "throttled",
  cause: "Azure has had too many calls",
  fix: "Start fewer pods at once, spread the secrets over several vaults, or give the program a longer deadline.",
};
const AT_FAULT: Meaning = {
  kind: "unavailable",
  cause: "Azure has a fault of its own",
  fix: "Try again later; see Azure status.",
};
const WRONG: Meaning = {
  kind: "wrong-request",
  cause: "Key Vault takes the call for wrong",
  fix: "Correct the name and the version that the request asks for.",
};

/** Codes of Key Vault, also the inner ones, and errors of OAuth. */
const NAMED: Readonly<Record<string, Meaning>> = {
  Unauthorized: NO_TOKEN,
  Forbidden: DENIED,
  ForbiddenByFirewall: FIREWALL,
  ForbiddenByConnection: FIREWALL,
  SecretDisabled: DISABLED,
  ObjectIsDeletedButRecoverable: DELETED,
  ObjectIsBeingDeleted: DELETED,
  SecretNotFound: {
    kind: "not-found",
    cause: "the vault has no secret or version of that name",
    fix: "Correct the name, create it, or recover it when it was deleted.",
  },
  BadParameter: WRONG,
  Throttled: THROTTLED,
  invalid_client: NO_LOGIN,
  invalid_grant: NO_LOGIN,
  invalid_request: NO_LOGIN,
  invalid_resource: NO_LOGIN,
  invalid_scope: NO_LOGIN,
  unauthorized_client: NO_LOGIN,
  access_denied: NO_LOGIN,
  server_error: AT_FAULT,
  temporarily_unavailable: AT_FAULT,
};

/** Numbers of Microsoft Entra, which say more than OAuth's errors. */
const NUMBERED: Readonly<Record<string, Meaning>> = {
  AADSTS70021: NO_CREDENTIAL,
  AADSTS700211: NO_CREDENTIAL,
  AADSTS700212: NO_CREDENTIAL,
  AADSTS700213: NO_CREDENTIAL,
  AADSTS700024: STALE_TOKEN,
  AADSTS700027: STALE_TOKEN,
  AADSTS50013: STALE_TOKEN,
  AADSTS700016: {
    kind: "unauthenticated",
    cause: "the tenant has no such application or identity",
    fix: "Correct the annotation azure.workload.identity/client-id of the service account, or tenantId.",
  },
  AADSTS90002: {
    kind: "unauthenticated",
    cause: "there is no such tenant",
    fix: "Correct tenantId, or take the authority of the cloud that the tenant is in.",
  },
  AADSTS500011: {
    kind: "unauthenticated",
    cause: "the tenant knows no Key Vault of that cloud",
    fix: "Name a vault of the cloud that the tenant is in.",
  },
};

const MEANINGS: ReadonlyMap<string, Meaning> = new Map([...Object.entries(NAMED), ...Object.entries(NUMBERED)]);

/**
 * @param what was asked, as messages name it
 * @param response with a status that is no success
 * @param now milliseconds since 1970
 */
export function failureOfAnswer(what: string, response: HttpResponse, now: number): FetchFailure {
  const { status, headers } = response;
  const codes = codesIn(response);
  const { kind, cause, fix } = meaningOf(codes, status);
  const about = [codes[0] ?? `HTTP ${status}`, ...requestId(response)].join(", ");
  const minutes = kind === "unauthenticated" ? minutesOfSkew(response, now) : undefined;
  const retryAfter = readRetryAfter(headers["retry-after"], now);
  if (minutes === undefined) return new FetchFailure(kind, `${what}: ${cause} (${about})`, fix, { retryAfter });
  return new FetchFailure(
    kind,
    `${what}: ${cause} (${about}), and its clock is ${minutes} minutes from the node's`,
    "Let the clocks be kept by NTP: tokens hold for a short time only.",
  );
}

/** Names of the error, the most exact first; none when it is no error of Azure. */
function codesIn({ body }: HttpResponse): readonly string[] {
  const json = parseJsonObject(body) ?? {};
  const error = Object.hasOwn(json, "error") ? json["error"] : undefined;
  if (!isJsonObject(error)) return [...entraNumbers(json["error_codes"]), ...named(textField(json, "error"))];
  const inner = Object.hasOwn(error, "innererror") ? error["innererror"] : undefined;
  return [...named(isJsonObject(inner) ? textField(inner, "code") : undefined), ...named(textField(error, "code"))];
}

function entraNumbers(numbers: unknown): readonly string[] {
  const list = Array.isArray(numbers) ? (numbers as readonly unknown[]) : [];
  return list.filter((number) => Number.isSafeInteger(number)).map((number) => `AADSTS${String(number)}`);
}

function named(name: string | undefined): readonly string[] {
  return name !== undefined && /^[A-Za-z_]{1,64}$/.test(name) ? [name] : [];
}

function meaningOf(codes: readonly string[], status: number): Meaning {
  const [known] = codes.flatMap((code) => MEANINGS.get(code) ?? []);
  if (known !== undefined) return known;
  if (status === 429) return THROTTLED;
  if (status >= 500) return AT_FAULT;
  if (codes.length > 0) return status === 401 ? NO_TOKEN : status === 403 ? DENIED : WRONG;
  return {
    kind: "invalid-answer",
    cause: "what answers is not Azure",
    fix: "Check vault, authority, proxy and network of the pod.",
  };
}

function requestId({ headers }: HttpResponse): readonly string[] {
  const id = headers["x-ms-request-id"] ?? "";
  return /^[A-Za-z0-9-]{1,64}$/.test(id) ? [`request ${id}`] : [];
}
