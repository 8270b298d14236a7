/** The identity of the node, by Azure's instance metadata service ("How to use managed identities ... to acquire a token"). */
import { FetchFailure } from "../../failure.ts";
import { accessTokenIn } from "../../identity/oauth.ts";
import type { ProviderHost } from "../../provider.ts";
import { readRetryAfter } from "../../ports/retry-after.ts";
import { clientOf } from "./identity-facts.ts";
import type { AzureSettings } from "./settings.ts";
import type { Cloud } from "./vaults.ts";

const ADDRESS = "http://169.254.169.254/metadata/identity/oauth2/token";
/** The version that its documentation shows. */
const API_VERSION = "2018-02-01";
/** 404 and 410 are said while it is being updated. */
const PASSING: ReadonlySet<number> = new Set([404, 410]);

const WHAT = "the instance metadata service";

/** @throws FetchFailure */
export async function tokenOfNode(
  settings: AzureSettings,
  { suffix }: Cloud,
  host: ProviderHost,
  signal: AbortSignal,
): Promise<string> {
  const url = new URL(ADDRESS);
  const client = clientOf(settings, host);
  const fields = { "api-version": API_VERSION, resource: `https://${suffix}` };
  url.search = new URLSearchParams(client === undefined ? fields : { ...fields, client_id: client }).toString();
  const response = await host.http({ method: "GET", url, headers: { metadata: "true" }, signal });
  if (response.status === 200) return accessTokenIn(WHAT, response);
  const { status, headers } = response;
  const kind = status === 429 ? "throttled" : status >= 500 || PASSING.has(status) ? "unavailable" : "unauthenticated";
  throw new FetchFailure(
    kind,
    `${WHAT} gives no token (HTTP ${status})`,
    "Assign the managed identity that clientId names to the node pool, and let a network policy pass 169.254.169.254.",
    { retryAfter: readRetryAfter(headers["retry-after"], host.now()) },
  );
}
