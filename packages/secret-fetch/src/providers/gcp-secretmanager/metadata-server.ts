/** The metadata server of Google Cloud: the pod's identity in GKE, by Workload Identity Federation. */
import { FetchFailure, isFetchFailure } from "../../failure.ts";
import type { HttpResponse } from "../../http.ts";
import { accessTokenIn } from "../../identity/oauth.ts";
import type { ProviderHost } from "../../provider.ts";
import { readRetryAfter } from "../../ports/retry-after.ts";
import { GOOGLE_METADATA_HOSTS, isServerUrl } from "../../request/server-address.ts";
import { below, trustedServer } from "../../settings.ts";
import { SCOPE } from "./scope.ts";
import type { GcpSettings } from "./settings.ts";

const OWN = "http://metadata.google.internal";
const TOKEN = "/computeMetadata/v1/instance/service-accounts/default/token";
/** Asked for, so that no stray request gets a token; and answered, so that nothing else is taken for the server. */
const FLAVOR = "Google";

const WHAT = "the metadata server";
const GKE =
  "In GKE, give the node pool the metadata server (--workload-metadata=GKE_METADATA), and let a network policy pass " +
  "169.254.169.252:988 and 169.254.169.254:80. Elsewhere, set credentialsFile.";

/** @throws FetchFailure */
export async function tokenOfMetadataServer(
  settings: GcpSettings,
  host: ProviderHost,
  signal: AbortSignal,
): Promise<string> {
  const url = below(metadataServer(settings, host), TOKEN);
  url.searchParams.set("scopes", SCOPE);
  const { caFile } = settings;
  const response = await reached(() =>
    host.http({ method: "GET", url, headers: { "metadata-flavor": FLAVOR }, signal, caFile }),
  );
  // What is overloaded or restarts on the way says no flavor, and may pass.
  const mayPass = response.status === 429 || response.status >= 500;
  if (!mayPass && response.headers["metadata-flavor"] !== FLAVOR) throw noMetadataServer(response);
  if (response.status !== 200) throw noToken(response, host.now());
  return accessTokenIn(WHAT, response);
}

/** @throws FetchFailure `wrong-request` */
function metadataServer({ metadataUrl, allowHttp }: GcpSettings, { env }: ProviderHost): URL {
  if (metadataUrl !== undefined) return checkedServer(metadataUrl, "metadataUrl", allowHttp);
  // As Google's libraries read it: host, and perhaps port.
  const host = env["GCE_METADATA_HOST"] ?? "";
  if (host === "") return new URL(OWN);
  const address = `http://${host}`;
  if (isServerUrl(address)) return checkedServer(address, "GCE_METADATA_HOST", allowHttp);
  const fix = "Leave it out, or write HOST or HOST:PORT.";
  throw new FetchFailure("wrong-request", "GCE_METADATA_HOST of the container is no host", fix);
}

function checkedServer(address: string, setting: string, allowHttp: boolean): URL {
  const url = new URL(address);
  return GOOGLE_METADATA_HOSTS.has(url.hostname) ? url : trustedServer(address, setting, allowHttp);
}

/** Outside of Google Cloud there is none, which a missing name or a silent address says badly. */
async function reached(call: () => Promise<HttpResponse>): Promise<HttpResponse> {
  try {
    return await call();
  } catch (error) {
    if (!isFetchFailure(error) || (error.kind !== "unavailable" && error.kind !== "timeout")) throw error;
    throw new FetchFailure(
      error.kind,
      `the container has no Google identity: ${WHAT} is not there: ${error.message}`,
      GKE,
    );
  }
}

function noMetadataServer({ status }: HttpResponse): FetchFailure {
  return new FetchFailure(
    "invalid-answer",
    `what answers is not ${WHAT} of Google (HTTP ${status}, without Metadata-Flavor)`,
    "Check the proxy, metadataUrl and GCE_METADATA_HOST.",
  );
}

function noToken({ status, headers }: HttpResponse, now: number): FetchFailure {
  const retryAfter = readRetryAfter(headers["retry-after"], now);
  const cause = `${WHAT} gives no token (HTTP ${status})`;
  if (status === 429) return new FetchFailure("throttled", cause, "Start fewer pods at once.", { retryAfter });
  if (status >= 500)
    return new FetchFailure("unavailable", cause, "See the log of gke-metadata-server.", { retryAfter });
  const fix =
    "Where the Kubernetes service account has the annotation iam.gke.io/gcp-service-account, grant it " +
    "roles/iam.workloadIdentityUser on that account, which must exist.";
  return new FetchFailure(status === 403 ? "denied" : "unauthenticated", cause, fix);
}
