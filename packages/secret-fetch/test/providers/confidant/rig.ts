/** The provider in front of a server that answers as one test wants. */
import { onTestFinished } from "vitest";
import * as z from "zod/mini";

import { confidant } from "../../../src/providers/confidant/provider.ts";
import type { ConfidantSettings, ConfidantSource } from "../../../src/providers/confidant/settings.ts";
import type { Provider } from "../../../src/provider.ts";
import { testHost, type HostFacts } from "../../rig/host.ts";
import { serveLoopback, type Answer, type LoopbackServer } from "../../rig/loopback-server.ts";

export const signal: AbortSignal = new AbortController().signal;

export const PASSWORD_FILE = "/etc/confidant/token";

export function settingsOf(settings: object): ConfidantSettings {
  return z.parse(confidant.settings, settings);
}

/** Serves until the test ends. */
export async function serve(answer: Answer): Promise<LoopbackServer> {
  const server = await serveLoopback(answer);
  onTestFinished(() => server.close());
  return server;
}

/** The provider, until the test ends. */
export function provider(settings: object, facts: HostFacts = {}): Provider<ConfidantSource> {
  const host = testHost(facts);
  onTestFinished(() => host.close());
  return confidant.create(settingsOf(settings), host);
}

/** The provider with a password from a file, which needs no AWS. */
export function basicProvider(url: string, facts: HostFacts = {}): Provider<ConfidantSource> {
  const auth = { method: "basic", userName: "2/service/orders", passwordFile: PASSWORD_FILE };
  return provider({ url, service: "orders", auth }, { files: { [PASSWORD_FILE]: "token" }, ...facts });
}

/** Fetches through the provider from a server that has one answer for everything. */
export type Fetch = (source: ConfidantSource) => Promise<Uint8Array>;

export async function fetchFrom(body: string | Uint8Array, status = 200, headers = {}): Promise<Fetch> {
  const server = await serve((_request, response) => void response.writeHead(status, headers).end(body));
  const { url } = server;
  return (source) => basicProvider(url.href).fetch(source, signal);
}

/** The document of `orders`, with one credential `db`. */
export function documentWith(pairs: string, credential = "", service = ""): string {
  const db = `{"id":"0","name":"db","enabled":true,"revision":1,"credential_pairs":${pairs}${credential}}`;
  return `{"id":"orders","enabled":true,"revision":1,"credentials":[${db}]${service}}`;
}
