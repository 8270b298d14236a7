/** The container's Azure identity: by the service account's token (workload identity), or, where allowed, the node's. */
import { quoted } from "@pod-secrets/core";

import { FetchFailure } from "../../failure.ts";
import { accessTokenIn, callTokenEndpoint } from "../../identity/oauth.ts";
import { readToken } from "../../identity/token-file.ts";
import { onTheWayIn } from "../../identity/way-in.ts";
import type { ProviderHost } from "../../provider.ts";
import { remembered } from "../../remembered.ts";
import { below } from "../../settings.ts";
import { failureOfAnswer } from "./failures.ts";
import { authorityOf, clientOf, tenantOf, tokenFileOf } from "./identity-facts.ts";
import { tokenOfNode } from "./managed-identity.ts";
import type { AzureSettings } from "./settings.ts";
import type { Cloud } from "./vaults.ts";

/** Gets an access token, once for all vaults of a cloud in a round. @throws FetchFailure */
export function azureAccessToken(
  settings: AzureSettings,
  host: ProviderHost,
): (cloud: Cloud, signal: AbortSignal) => Promise<string> {
  const find = remembered((key, signal) =>
    onTheWayIn(() => accessToken(settings, JSON.parse(key) as Cloud, host, signal)),
  );
  return (cloud, signal) => find(JSON.stringify(cloud), signal);
}

async function accessToken(
  settings: AzureSettings,
  cloud: Cloud,
  host: ProviderHost,
  signal: AbortSignal,
): Promise<string> {
  const tokenFile = tokenFileOf(settings, host);
  if (tokenFile !== undefined) return tokenOfPod(settings, tokenFile, cloud, host, signal);
  if (settings.managedIdentity) return tokenOfNode(settings, cloud, host, signal);
  throw noIdentity("no token of its service account");
}

/** "Microsoft identity platform and the OAuth 2.0 client credentials flow", with a federated credential. */
async function tokenOfPod(
  settings: AzureSettings,
  tokenFile: string,
  cloud: Cloud,
  host: ProviderHost,
  signal: AbortSignal,
): Promise<string> {
  const [tenant, client] = [tenantOf(settings, host), clientOf(settings, host)];
  if (tenant === undefined || client === undefined) throw noIdentity("no tenant and client id");
  const fields = {
    grant_type: "client_credentials",
    client_id: client,
    client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    client_assertion: await readToken(host.readFile, tokenFile),
    scope: `https://${cloud.suffix}/.default`,
  };
  const authority = authorityOf(settings, cloud, host);
  const what = `the login of ${client} at ${quoted(authority.host, 160)}`;
  const url = below(authority, `/${tenant}/oauth2/v2.0/token`);
  const response = await callTokenEndpoint({ url, fields, signal, caFile: settings.caFile }, host.http);
  if (response.status !== 200) throw failureOfAnswer(what, response, host.now());
  return accessTokenIn(what, response);
}

function noIdentity(what: string): FetchFailure {
  return new FetchFailure(
    "unauthenticated",
    `the container has no Azure identity: it has ${what}`,
    "In AKS, annotate the service account with azure.workload.identity/client-id, and label the pod azure.workload.identity/use: " +
      "\"true\". Where both are there, Azure's webhook ran before ours: let it sort after. For the node's own identity, set managedIdentity.",
  );
}
