/**
 * Secrets of Google Cloud and Azure, from servers that answer as their documents say; how their providers take all else
 * is tried where they are. With those of AWS, which moto plays: e2e/test/embedded.test.ts.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { SecretInjector } from "@pod-secrets/core";
import { openInjector } from "@pod-secrets/injector-testkit";
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from "vitest";

import plugin from "../src/index.ts";
import { OF_DOMAIN, OF_ORGANIZATION, OF_PROJECT, ask, envOf, labelledPod } from "./admitted.ts";

const TOKEN = "access-token";

let server: Server;
let url: string;
/** Bodies by path. What is not there is 404, as the store says it. */
let answers: Map<string, unknown>;
let notFound: unknown;
let asked: string[];

beforeEach(async () => {
  answers = new Map();
  asked = [];
  server = createServer((request, response) => {
    request.resume();
    const { pathname } = new URL(request.url ?? "/", "http://store");
    const answer = answers.get(pathname);
    const isToken = pathname.endsWith("/token");
    if (!isToken) asked.push(pathname);
    const isKnown = isToken || request.headers.authorization === `Bearer ${TOKEN}`;
    const status = isKnown ? (answer === undefined ? 404 : 200) : 401;
    response.writeHead(status, { "content-type": "application/json", "metadata-flavor": "Google" });
    response.end(JSON.stringify(answer ?? notFound));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => {
    server.close(resolve);
  });
});

async function managerOf(store: object): Promise<SecretInjector> {
  const scope = { organization: "*", namespace: "*" };
  const injector = await openInjector(plugin, { accept: "values-in-pods", scope, store });
  onTestFinished(() => injector.dispose?.());
  return injector;
}

describe("Google Cloud", () => {
  const path = (name: string): string => `/v1/projects/acme-secrets/secrets/${name}/versions/latest:access`;
  const version = (name: string, value: string): object => ({
    name: `projects/1/secrets/${name}/versions/1`,
    payload: { data: Buffer.from(value).toString("base64") },
  });

  beforeEach(() => {
    notFound = { error: { code: 404, status: "NOT_FOUND", message: "Secret not found." } };
    answers.set("/computeMetadata/v1/instance/service-accounts/default/token", {
      access_token: TOKEN,
      expires_in: 3599,
      token_type: "Bearer",
    });
  });

  const open = (): Promise<SecretInjector> =>
    managerOf({ type: "gcp", settings: { project: "acme-secrets", url, metadataUrl: url } });

  test("has a secret under Flyte's name, in the narrowest scope that has one", async () => {
    answers.set(path(OF_DOMAIN("token")), version(OF_DOMAIN("token"), "of the domain"));
    answers.set(path(OF_ORGANIZATION("token")), version(OF_ORGANIZATION("token"), "of the organization"));

    expect(envOf(await ask(await open(), { key: "token" }))["_FSEC_TOKEN"]).toBe("of the domain");
    expect(asked).toEqual([path(OF_PROJECT("token")), path(OF_DOMAIN("token"))]);
  });

  test("is not asked for a name that no secret there can have", async () => {
    const labels = { organization: "acme", project: "with.dot", domain: "production" };
    expect(await ask(await open(), { key: "token" }, labelledPod(labels))).toMatchObject({ outcome: "skipped" });
    expect(asked).toEqual([path(OF_DOMAIN("token")), path(OF_ORGANIZATION("token"))]);
  });
});

describe("Azure", () => {
  const TENANT = "72f988bf-86f1-41af-91ab-2d7cd011db47";
  const path = (name: string): string => `/secrets/${name}`;
  const bundle = (name: string, value: string): object => ({
    value,
    id: `https://acme.vault.azure.net/secrets/${name}/4387e9f3d6e14c459867679a90fd0f79`,
    attributes: { enabled: true },
  });

  beforeEach(() => {
    notFound = { error: { code: "SecretNotFound", message: "A secret with (name/id) s was not found." } };
    answers.set(`/${TENANT}/oauth2/v2.0/token`, { access_token: TOKEN, expires_in: 3599, token_type: "Bearer" });
  });

  async function open(): Promise<SecretInjector> {
    const folder = mkdtempSync(join(tmpdir(), "azure-identity-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const tokenFile = join(folder, "token");
    writeFileSync(tokenFile, "header.token-of-the-service-account.signature");
    const identity = { tenantId: TENANT, clientId: "11111111-2222-3333-4444-555555555555", tokenFile };
    return managerOf({ type: "azure", settings: { vault: url, authority: url, ...identity } });
  }

  test("has a secret under Flyte's coded name, as JSON with its type", async () => {
    const value = JSON.stringify({ type: "STRING", value: "hunter2" });
    answers.set(path("1-acme-production--MZXW6"), bundle("1-acme-production--MZXW6", value));

    expect(envOf(await ask(await open(), { key: "foo" }))["_FSEC_FOO"]).toBe("hunter2");
    expect(asked).toEqual([path("1-acme-production-billing-MZXW6"), path("1-acme-production--MZXW6")]);
  });

  test("is refused when it is stored otherwise, and no wider scope is asked", async () => {
    answers.set(path("1-acme-production-billing-MZXW6"), bundle("1-acme-production-billing-MZXW6", "hunter2"));
    const answer = await ask(await open(), { key: "foo" });

    expect(answer).toMatchObject({ outcome: "refused", code: "embedded/unusable-value" });
    expect(JSON.stringify(answer)).not.toContain("hunter2");
    expect(asked).toHaveLength(1);
  });
});
