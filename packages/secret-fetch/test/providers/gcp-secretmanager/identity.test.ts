/** How the pod proves who it is: what it sends to the metadata server and to Google's token endpoints. */
import { describe, expect, test } from "vitest";

import {
  ACCOUNT,
  AUDIENCE,
  FEDERATED_TOKEN,
  PRIVATE_KEY,
  SUBJECT_TOKEN,
  decoded,
  serveGoogleIdentity,
  serveMetadata,
  type GoogleIdentity,
} from "../../rig/google-identity.ts";
import type { HostFacts } from "../../rig/host.ts";
import { serveSecretManager, type SecretManager } from "../../rig/secret-manager.ts";
import { fetchBy, gke, type Fetch } from "./rig.ts";

const DB = "projects/orders-prod/secrets/db";
const FILE = "/etc/google/credentials.json";
const TOKEN_FILE = "/var/run/secrets/tokens/gcp";
const NOW = Date.UTC(2026, 0, 31, 23, 58, 30, 999);

const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

async function storeWithSecret(): Promise<SecretManager> {
  const store = await serveSecretManager();
  store.secrets.set(DB, { versions: [{ data: "value" }] });
  return store;
}

interface Federated {
  readonly store: SecretManager;
  readonly identity: GoogleIdentity;
  readonly fetch: Fetch;
}

/** A pod with a credentials file, beside a server that gives identities. */
async function withFile(
  credentials: (server: string) => object,
  facts: HostFacts = {},
  named: "settings" | "env" = "settings",
): Promise<Federated> {
  const [store, identity] = [await storeWithSecret(), await serveGoogleIdentity()];
  const file = JSON.stringify(credentials(identity.url.origin));
  const files = { [FILE]: file, [TOKEN_FILE]: `${SUBJECT_TOKEN}\n`, ...facts.files };
  const settings = { url: store.url.href, caFile: identity.caFile };
  const fetch =
    named === "settings"
      ? fetchBy({ ...settings, credentialsFile: FILE }, { ...facts, files })
      : fetchBy(settings, { ...facts, files, env: { GOOGLE_APPLICATION_CREDENTIALS: FILE } });
  return { store, identity, fetch };
}

const serviceAccount = (server: string): object => ({
  type: "service_account",
  project_id: "orders-prod",
  private_key_id: "0123456789abcdef",
  private_key: PRIVATE_KEY,
  client_email: ACCOUNT,
  client_id: "1",
  token_uri: `${server}/token`,
  universe_domain: "googleapis.com",
});

const externalAccount = (server: string, source: object = { file: TOKEN_FILE }): object => ({
  type: "external_account",
  audience: AUDIENCE,
  subject_token_type: "urn:ietf:params:oauth:token-type:jwt",
  token_url: `${server}/v1/token`,
  credential_source: source,
});

describe("in GKE the identity", () => {
  test("comes from the metadata server, which is asked by its header", async () => {
    const { store, metadata, fetch } = await gke();
    store.secrets.set(DB, { versions: [{ data: "value" }] });
    expect(textOf(await fetch({ secret: DB }))).toBe("value");
    expect(metadata.requests).toMatchObject([
      {
        method: "GET",
        path: "/computeMetadata/v1/instance/service-accounts/default/token?scopes=https%3A%2F%2Fwww.googleapis.com%2Fauth%2Fcloud-platform",
        headers: { "metadata-flavor": "Google" },
      },
    ]);
  });

  test("comes from the server that GCE_METADATA_HOST names", async () => {
    const [store, metadata] = [await storeWithSecret(), await serveMetadata()];
    const fetch = fetchBy({ url: store.url.href }, { env: { GCE_METADATA_HOST: metadata.url.host } });
    expect(textOf(await fetch({ secret: DB }))).toBe("value");
  });

  test("is asked for once, however many secrets need it, and again after a failure", async () => {
    const { store, metadata, fetch } = await gke();
    store.secrets.set(DB, { versions: [{ data: "value" }] });
    metadata.faults.push((response) => response.writeHead(503, { "metadata-flavor": "Google" }).end());
    await expect(fetch({ secret: DB })).rejects.toMatchObject({ kind: "unavailable" });
    await Promise.all(["1", "latest"].map((version) => fetch({ secret: DB, version })));
    expect(metadata.requests).toHaveLength(2);
  });
});

describe("the key of a service account", () => {
  test.each(["settings", "env"] as const)("is taken from the file that the %s name", async (named) => {
    const { fetch } = await withFile(serviceAccount, {}, named);
    expect(textOf(await fetch({ secret: DB }))).toBe("value");
  });

  test("signs an assertion that began a moment ago and holds an hour", async () => {
    const { identity, fetch } = await withFile(serviceAccount, { now: () => NOW });
    // Its time is long over by the server's clock.
    await expect(fetch({ secret: DB })).rejects.toMatchObject({ kind: "unauthenticated" });
    const form = new URLSearchParams(identity.requests[0]?.body);
    const [header = "", claims = ""] = form.get("assertion")?.split(".") ?? [];
    expect(decoded(header)).toEqual({ alg: "RS256", typ: "JWT", kid: "0123456789abcdef" });
    expect(decoded(claims)).toEqual({
      iss: ACCOUNT,
      scope: "https://www.googleapis.com/auth/cloud-platform",
      aud: `${identity.url.origin}/token`,
      iat: Date.UTC(2026, 0, 31, 23, 58, 20) / 1000,
      exp: Date.UTC(2026, 1, 1, 0, 58, 20) / 1000,
    });
  });
});

describe("the pod's own token", () => {
  test("is exchanged for one of Google's", async () => {
    const { identity, fetch } = await withFile((server) => ({
      ...externalAccount(server),
      service_account_impersonation_url: `${server}/v1/projects/-/serviceAccounts/${ACCOUNT}:generateAccessToken`,
    }));
    expect(textOf(await fetch({ secret: DB }))).toBe("value");
    expect(identity.requests.map(({ path }) => path)).toEqual([
      "/v1/token",
      `/v1/projects/-/serviceAccounts/${ACCOUNT}:generateAccessToken`,
    ]);
  });

  test("is enough without a service account, where the pool itself is let in", async () => {
    const { store, fetch } = await withFile(externalAccount);
    store.tokens.add(FEDERATED_TOKEN);
    expect(textOf(await fetch({ secret: DB }))).toBe("value");
  });

  test("may be a field of a JSON file", async () => {
    const format = { type: "json", subject_token_field_name: "access_token" };
    const files = { [TOKEN_FILE]: JSON.stringify({ access_token: SUBJECT_TOKEN }) };
    const { store, fetch } = await withFile((server) => externalAccount(server, { file: TOKEN_FILE, format }), {
      files,
    });
    store.tokens.add(FEDERATED_TOKEN);
    expect(textOf(await fetch({ secret: DB }))).toBe("value");
  });
});
