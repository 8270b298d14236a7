/**
 * What errors of Azure mean: of Key Vault ("Key Vault REST API error codes"), and of Microsoft Entra ("Microsoft Entra
 * authentication and authorization error codes").
 */
import type { Meaning } from "../../answer-failure.ts";

export const NO_TOKEN: Meaning = {
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
export const DENIED: Meaning = {
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
export const THROTTLED: Meaning = {
  kind: "throttled",
  cause: "Azure has had too many calls",
  fix: "Start fewer pods at once, spread the secrets over several vaults, or give the program a longer deadline.",
};
export const AT_FAULT: Meaning = {
  kind: "unavailable",
  cause: "Azure has a fault of its own",
  fix: "Try again later; see Azure status.",
};
export const WRONG: Meaning = {
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
  AADSTS7002138: NO_CREDENTIAL,
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

/** By their names. */
export const MEANINGS: ReadonlyMap<string, Meaning> = new Map([...Object.entries(NAMED), ...Object.entries(NUMBERED)]);
