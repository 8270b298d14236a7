/** The real Confidant on 127.0.0.1, with moto as its KMS and its database. */
import { confidantAdmin, type ConfidantAdmin } from "./confidant-admin.ts";
import { installedPython, PYTHON_FILES } from "./installation.ts";
import type { Moto } from "./moto.ts";
import { startServer, type RunningServer } from "./server.ts";

export interface Confidant extends RunningServer, ConfidantAdmin {
  /** Alias of the KMS key that tokens are encrypted with. */
  readonly authKey: string;
  /** Whom tokens are for: `to` of their encryption context. */
  readonly authContext: string;
}

const AUTH_KEY = "alias/authnz";
const MASTER_KEY = "alias/confidant";
const AUTH_CONTEXT = "confidant-test";
const USER_HEADER = "X-User";
const EMAIL_HEADER = "X-Email";

/**
 * Starts a Confidant with an empty database, in which the tests are the administrator.
 * @param moto one for each Confidant; it outlives it
 * @throws ServerError `E_SERVER_NO_PYTHON`, `E_SERVER_INSTALL`, `E_SERVER_START`; ClusterError `E_CLUSTER_START`
 */
export async function startConfidant(moto: Moto): Promise<Confidant> {
  for (const alias of [AUTH_KEY, MASTER_KEY]) await moto.createKey(alias);
  const { accessKeyId, secretAccessKey } = await moto.createUser("confidant", ["kms:*", "dynamodb:*"]);
  const server = await startServer({
    name: "confidant",
    python: await installedPython("confidant"),
    args: ["-m", "gunicorn", ...GUNICORN, "confidant_app:app"],
    env: { ...settings(moto), AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey },
    listening: /Listening at: (http:\/\/127\.0\.0\.1:\d+)/,
    readyPath: "/healthcheck",
  });
  const headers = { [USER_HEADER]: "admin", [EMAIL_HEADER]: "admin@example.com" };
  return { ...server, ...confidantAdmin(server.url, headers), authKey: AUTH_KEY, authContext: AUTH_CONTEXT };
}

/** Threads rather than gevent: its own choice of worker asks for another gevent than there are wheels of. */
const GUNICORN = [
  ...["--bind", "127.0.0.1:0", "--workers", "1", "--worker-class", "gthread", "--threads", "4"],
  ...["--pythonpath", PYTHON_FILES, "--timeout", "120"],
];

/** https://lyft.github.io/confidant/configuration.html, and `settings.py` of release 7.0.0. */
function settings({ url, region }: Moto): Readonly<Record<string, string>> {
  return {
    AWS_DEFAULT_REGION: region,
    KMS_URL: url,
    KMS_MASTER_KEY: MASTER_KEY,
    AUTH_KEY,
    AUTH_CONTEXT,
    // It would grant the use of the key to an IAM role of the service's name, which must exist then.
    KMS_AUTH_MANAGE_GRANTS: "false",
    BACKGROUND_CACHE_IAM_ROLES: "false",
    DYNAMODB_URL: url,
    DYNAMODB_TABLE: "confidant",
    DYNAMODB_CREATE_TABLE: "true",
    // One second each by default: a busy machine takes longer, and that is not what the tests are about.
    ...Object.fromEntries(TIMEOUTS.map((name) => [name, "30"])),
    USER_AUTH_MODULE: "header",
    HEADER_AUTH_USERNAME_HEADER: USER_HEADER,
    HEADER_AUTH_EMAIL_HEADER: EMAIL_HEADER,
    SESSION_TYPE: "null",
    SESSION_SECRET: "of-a-test",
    // It would send clients without TLS elsewhere.
    SSLIFY: "false",
    MAXIMUM_ROTATION_DAYS: "10",
    PYTHONDONTWRITEBYTECODE: "1",
  };
}

const TIMEOUTS = [
  "KMS_CONNECTION_TIMEOUT",
  "KMS_READ_TIMEOUT",
  "PYNAMO_CONNECT_TIMEOUT_SECONDS",
  "PYNAMO_READ_TIMEOUT_SECONDS",
];
