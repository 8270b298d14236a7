/** Acme's safe: `GET /v1/safes/SAFE/secrets/NAME`, for whoever shows the token of a service account that it trusts. */
import { absolutePath, defineProvider, FetchFailure, serverUrl, trustedServer } from "@pod-secrets/secret-fetch";
import * as z from "zod/mini";

/** Where the kubelet puts it into every container. */
const SERVICE_ACCOUNT_TOKEN = "/var/run/secrets/kubernetes.io/serviceaccount/token";

const name = z.string().check(z.regex(/^[a-z0-9][a-z0-9-]{0,62}$/, "is no name in a safe"));

export const safe = defineProvider({
  name: "acme-safe",
  settings: z.strictObject({
    url: serverUrl,
    caFile: z.optional(absolutePath),
    tokenFile: z._default(absolutePath, SERVICE_ACCOUNT_TOKEN),
  }),
  source: z.strictObject({ safe: name, secret: name }),
  create: ({ url, caFile, tokenFile }, { http, readFile }) => {
    const base = trustedServer(url, "url", false).href.replace(/\/$/, "");
    return {
      async fetch(source, signal) {
        const token = await readFile(tokenFile).catch(() => {
          const fix = "Set automountServiceAccountToken of the pod to true.";
          throw new FetchFailure("unauthenticated", "the container has no token of a service account", fix);
        });
        const headers = { Authorization: `Bearer ${new TextDecoder().decode(token).trim()}` };
        const address = new URL(`${base}/v1/safes/${source.safe}/secrets/${source.secret}`);
        const { status, body } = await http({ method: "GET", url: address, headers, caFile, signal });
        if (status === 200) return body;
        throw failure(status, `HTTP ${status} for "${source.secret}" in safe "${source.safe}" of ${address.host}`);
      },
    };
  },
});

function failure(status: number, cause: string): FetchFailure {
  if (status === 401) return new FetchFailure("unauthenticated", cause, "Let the safe trust the cluster's tokens.");
  if (status === 403) return new FetchFailure("denied", cause, "Let the pod's service account read this safe.");
  if (status === 404) return new FetchFailure("not-found", cause, "Correct the name, or put the secret into the safe.");
  if (status === 429) return new FetchFailure("throttled", cause, "Let fewer pods start at once.");
  if (status >= 500) return new FetchFailure("unavailable", cause, "See the safe's own log.");
  return new FetchFailure("invalid-answer", cause, "See what answers at that address.");
}
