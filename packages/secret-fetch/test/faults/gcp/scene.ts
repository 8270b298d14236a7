/** Secret Manager of Google Cloud on the stage, with the metadata server of GKE. */
import {
  ACCOUNT,
  AUDIENCE,
  FEDERATED_TOKEN,
  PRIVATE_KEY,
  SUBJECT_TOKEN,
  serveGoogleIdentity,
  serveMetadata,
  type GoogleIdentity,
} from "../../rig/google-identity.ts";
import type { FaultyServer } from "../../rig/faulty-server.ts";
import {
  GOOGLE_TOKEN,
  sendGoogleError,
  serveSecretManager,
  type GoogleErrorFacts,
  type SecretManager,
} from "../../rig/secret-manager.ts";
import { OTHER, VALUE, always, type Row, type Scene, type Stage } from "../stage.ts";

export const DB = "projects/orders-prod/secrets/db";
const OTHER_NAME = "projects/orders-prod/secrets/other";
const FILE = "/etc/google/credentials.json";
export const TOKEN_FILE = "/var/run/secrets/tokens/gcp";

export interface GcpStage extends Stage {
  readonly store: SecretManager;
  readonly metadata: FaultyServer;
}

export const GCP: Scene<GcpStage> = {
  use: "gcp-secretmanager",
  other: { secret: OTHER_NAME },
  confidential: [GOOGLE_TOKEN, FEDERATED_TOKEN, SUBJECT_TOKEN, PRIVATE_KEY.slice(100, 140)],
  set: async (basis) => {
    const [store, metadata] = [await serveSecretManager(), await serveMetadata()];
    store.secrets.set(DB, { versions: [{ data: VALUE }] });
    store.secrets.set(OTHER_NAME, { versions: [{ data: OTHER }] });
    const stage: GcpStage = {
      ...basis,
      store,
      metadata,
      put: (value) => void store.secrets.set(DB, { versions: [{ data: value }] }),
      replaceStore: (url, settings = {}) => {
        stage.settings = { ...stage.settings, url: url.toString(), ...settings };
      },
      env: {},
      settings: { url: store.url.href, metadataUrl: metadata.url.href },
      source: { secret: DB },
    };
    return stage;
  },
};

/** An error of Google, for every call of the store. */
export const googleError = (code: number, status: string, facts?: GoogleErrorFacts): Row["arrange"] =>
  always((response) => sendGoogleError(response, code, status, facts));

/** The identity comes from a file: what it holds, changed as the row wants. */
export async function withFile(stage: Stage, credentials: (server: string) => object): Promise<GoogleIdentity> {
  const identity = await serveGoogleIdentity();
  stage.files = { [FILE]: JSON.stringify(credentials(identity.url.origin)), [TOKEN_FILE]: SUBJECT_TOKEN };
  stage.settings = { ...stage.settings, credentialsFile: FILE, caFile: identity.caFile };
  return identity;
}

/** A file that is not what it should be. */
export function withFileOf(stage: Stage, text: string | undefined): void {
  stage.files = text === undefined ? {} : { [FILE]: text };
  stage.env = { GOOGLE_APPLICATION_CREDENTIALS: FILE };
}

/** The key of a service account. */
const serviceAccount =
  (change: object = {}) =>
  (server: string): object => ({
    type: "service_account",
    private_key: PRIVATE_KEY,
    client_email: ACCOUNT,
    token_uri: `${server}/token`,
    ...change,
  });

/** Workload identity federation, with impersonation. */
export const externalAccount =
  (change: object = {}) =>
  (server: string): object => ({
    type: "external_account",
    audience: AUDIENCE,
    subject_token_type: "urn:ietf:params:oauth:token-type:jwt",
    token_url: `${server}/v1/token`,
    service_account_impersonation_url: `${server}/v1/projects/-/serviceAccounts/${ACCOUNT}:generateAccessToken`,
    credential_source: { file: TOKEN_FILE },
    ...change,
  });

/** The identity is that of a key. */
export const account =
  (change: object = {}): Row["arrange"] =>
  async (stage) =>
    void (await withFile(stage, serviceAccount(change)));
/** The identity is that of the pod's own token. */
export const federated =
  (change: object = {}): Row["arrange"] =>
  async (stage) =>
    void (await withFile(stage, externalAccount(change)));
