/** Lyft's Confidant, release 4 to 7: the one route by which a service may read values, that of its own document. */
import { quoted } from "@pod-secrets/core";

import { awsCredentials } from "../../aws/credentials.ts";
import { FetchFailure } from "../../failure.ts";
import { defineProvider, type Provider, type ProviderHost, type ProviderPlugin } from "../../provider.ts";
import { remembered } from "../../remembered.ts";
import { below, trustedServer } from "../../settings.ts";
import { readAnswer } from "./answers.ts";
import { kmsLogin, type Login } from "./kmsauth.ts";
import { roleName } from "./role-name.ts";
import { valueIn, type ServiceDocument } from "./service-document.ts";
import {
  confidantSettings,
  confidantSource,
  type BasicAuth,
  type ConfidantSettings,
  type ConfidantSource,
} from "./settings.ts";

export const confidant: ProviderPlugin<typeof confidantSettings, typeof confidantSource> = defineProvider({
  name: "confidant",
  settings: confidantSettings,
  source: confidantSource,
  create,
});

/** Who asks, and which service's document. */
interface Caller {
  readonly service: string;
  readonly login: Login;
}

/**
 * A document holds all credentials of the service; DynamoDB bounds each to 400 KB. Of 4 MiB of texts or numbers the
 * program takes up to 34 MB more memory, which fits in what the docs ask for.
 */
const MAX_DOCUMENT_BYTES = 4_194_304;

function create(settings: ConfidantSettings, host: ProviderHost): Provider<ConfidantSource> {
  const server = trustedServer(settings.url, "url", settings.allowHttp);
  const caller = callerBy(settings, host);
  // All items of a round are in one document, so also of one moment.
  const document = remembered(async (_key, signal) => read(server, await caller(signal), settings, host, signal));
  return { fetch: async (source, signal) => valueIn(await document("", signal), source) };
}

function callerBy({ service, auth }: ConfidantSettings, host: ProviderHost): (signal: AbortSignal) => Promise<Caller> {
  // The schema wants a service for it.
  if (auth.method === "basic") return async () => ({ service: service ?? "", login: await basicLogin(auth, host) });
  const credentials = awsCredentials(auth, host);
  return async (signal) => {
    const identity = await credentials(signal);
    const name = service ?? (await roleName(auth, identity, host, signal));
    return { service: name, login: await kmsLogin(auth, name, identity, host, signal) };
  };
}

async function read(
  server: URL,
  { service, login }: Caller,
  { caFile }: ConfidantSettings,
  { http, now }: ProviderHost,
  signal: AbortSignal,
): Promise<ServiceDocument> {
  const url = below(server, `/v1/services/${encodeURIComponent(service)}`);
  const authorization = `Basic ${Buffer.from(`${login.userName}:${login.password}`).toString("base64")}`;
  const headers = { accept: "application/json", authorization };
  const response = await http({ method: "GET", url, headers, signal, caFile, maxBytes: MAX_DOCUMENT_BYTES });
  return readAnswer(
    { service, what: `service ${quoted(service, 128)} of ${quoted(server.host, 160)}` },
    response,
    now(),
  );
}

async function basicLogin({ userName, passwordFile }: BasicAuth, { readFile }: ProviderHost): Promise<Login> {
  try {
    const password = new TextDecoder().decode(await readFile(passwordFile)).trim();
    if (password !== "") return { userName, password };
  } catch (error) {
    const cause = error instanceof Error ? error.message : "it cannot be read";
    throw noPassword(cause);
  }
  throw noPassword(`the file ${quoted(passwordFile, 160)} is empty`);
}

function noPassword(cause: string): FetchFailure {
  return new FetchFailure(
    "unauthenticated",
    `the password for Confidant cannot be had: ${cause}`,
    "Mount the file that passwordFile names into this container, readable by its user.",
  );
}
