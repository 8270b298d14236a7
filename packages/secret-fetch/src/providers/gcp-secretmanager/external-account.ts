/** Workload identity federation (AIP-4117): the pod's own token -> an access token, by Google's STS. */
import type { Meaning } from "../../answer-failure.ts";
import { FetchFailure } from "../../failure.ts";
import { accessTokenIn, callTokenEndpoint } from "../../identity/oauth.ts";
import { readToken } from "../../identity/token-file.ts";
import { parseJsonObject, textField } from "../../json-object.ts";
import type { ProviderHost } from "../../provider.ts";
import type { ExternalAccount } from "./credentials-file.ts";
import { failureOfAnswer } from "./failures.ts";
import { LOGIN_MEANINGS } from "./meanings.ts";
import { SCOPE } from "./scope.ts";
import type { GcpSettings } from "./settings.ts";

const EXCHANGE = "the exchange of the pod's token";
const IMPERSONATION = "the impersonation of the service account";

const NOT_LET_IN: Meaning = {
  kind: "denied",
  cause: "Google does not let the federated identity act as that service account, or there is none",
  fix: "Grant it roles/iam.workloadIdentityUser on the service account, which must exist.",
};
const IMPERSONATION_MEANINGS = { PERMISSION_DENIED: NOT_LET_IN, NOT_FOUND: NOT_LET_IN } as const;

/** @throws FetchFailure */
export async function tokenOfExternalAccount(
  account: ExternalAccount,
  settings: GcpSettings,
  host: ProviderHost,
  signal: AbortSignal,
): Promise<string> {
  const federated = await exchange(account, settings, host, signal);
  const { service_account_impersonation_url: url } = account;
  return url === undefined ? federated : impersonate(new URL(url), federated, settings, host, signal);
}

/** RFC 8693, as "Security Token Service API: token" has it. */
async function exchange(
  account: ExternalAccount,
  { caFile }: GcpSettings,
  host: ProviderHost,
  signal: AbortSignal,
): Promise<string> {
  const fields = {
    grant_type: "urn:ietf:params:oauth:grant-type:token-exchange",
    audience: account.audience,
    scope: SCOPE,
    requested_token_type: "urn:ietf:params:oauth:token-type:access_token",
    subject_token: await subjectToken(account, host),
    subject_token_type: account.subject_token_type,
  };
  const response = await callTokenEndpoint({ url: new URL(account.token_url), fields, signal, caFile }, host.http);
  if (response.status !== 200) throw failureOfAnswer(EXCHANGE, response, host.now(), LOGIN_MEANINGS);
  return accessTokenIn(EXCHANGE, response);
}

async function subjectToken({ credential_source: source }: ExternalAccount, host: ProviderHost): Promise<string> {
  const text = await readToken(host.readFile, source.file);
  if (source.format?.type !== "json") return text;
  const token = textField(parseJsonObject(text) ?? {}, source.format.subject_token_field_name);
  if (token !== undefined && token !== "") return token;
  throw new FetchFailure(
    "unauthenticated",
    "the token of the pod's identity cannot be had: its file has no such field",
    "Correct credential_source.format in the credentials file.",
  );
}

/** "Service Account Credentials API: generateAccessToken". */
async function impersonate(
  url: URL,
  federated: string,
  { caFile }: GcpSettings,
  { http, now }: ProviderHost,
  signal: AbortSignal,
): Promise<string> {
  const headers = { authorization: `Bearer ${federated}`, "content-type": "application/json" };
  const body = JSON.stringify({ scope: [SCOPE] });
  const response = await http({ method: "POST", url, headers, body, signal, caFile });
  if (response.status !== 200) throw failureOfAnswer(IMPERSONATION, response, now(), IMPERSONATION_MEANINGS);
  return accessTokenIn(IMPERSONATION, response, "accessToken");
}
