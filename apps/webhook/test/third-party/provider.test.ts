/**
 * A store of somebody else, as they make it and as their users have it: the provider and its injector packed, installed
 * from the tarballs, named in a config file, and the program run with what the pod's init container has, against a
 * server.
 */
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { encodeRequests, type Container, type Pod } from "@pod-secrets/core";
import { secretRequests, testPod, withRequests, type RequestFields } from "@pod-secrets/injector-testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse, stringify } from "yaml";

import { builtCommand, runBuilt } from "../cli/built-command.ts";
import type { Finished } from "../cli/running.ts";
import { exampleFolder, installThirdParty, PATIENCE, run, runAuthorsTests, type ThirdParty } from "./third-party.ts";

const example = exampleFolder("third-party-provider");
const TOKEN = "token-of-the-service-account";
/** What is in the safe, by the path of the call. */
const SECRETS: Readonly<Record<string, string>> = { "/v1/safes/warehouse/secrets/password": "pässword\n" };

const command = builtCommand();
let third: ThirdParty;
let safe: Server;

beforeAll(async () => {
  third = await installThirdParty("third-party-provider", [
    "core",
    "secret-fetch",
    "fetch-container",
    "injector-testkit",
  ]);
  safe = createServer(({ url = "", headers }, response) => {
    const value = SECRETS[url];
    const status = headers.authorization === `Bearer ${TOKEN}` ? (value === undefined ? 404 : 200) : 401;
    response.writeHead(status).end(status === 200 ? value : "");
  }).listen(0, "127.0.0.1");
  await once(safe, "listening");
  writeFileSync(join(third.folder, "token"), TOKEN);
}, PATIENCE);

afterAll(() => {
  safe?.close();
  third?.remove();
});

describe("the author of a provider", () => {
  test("type-checks provider, injector and tests against our declarations", { timeout: PATIENCE }, async () => {
    await expect(run(third.author, "pnpm", "run", "check")).resolves.not.toMatch(/error/);
  });

  test("runs the conformance suite, and the program", { timeout: PATIENCE }, async () => {
    const { passed, failed } = await runAuthorsTests(third);
    expect(failed).toEqual([]);
    expect(passed).toBeGreaterThan(40);
  });

  test("has a program that knows our stores, too", async () => {
    const request = { version: 1, volume: third.folder, providers: { aws: { use: "aws" } }, items: [] };
    const { exit, stderr } = await runProgram({ POD_SECRETS_FETCH: JSON.stringify(request) });
    expect(exit).toBe(10);
    expect(stderr).toContain("acme-safe");
    expect(stderr).toContain("aws-secretsmanager");
  });
});

describe("the user of the provider", () => {
  test("names the package in the config file, and the pod gets the author's image with a request", async () => {
    const { exit, stdout } = await inject(join(third.user, "pod-secrets.yaml"), join(example, "example", "pod.yaml"));
    expect(exit).toBe(0);
    const { spec } = JSON.parse(stdout) as Pod;
    expect(spec?.initContainers).toMatchObject([
      { name: "pod-secrets-fetch", image: "registry.acme.example/safe-fetch:1.0.0" },
    ]);
    expect(spec?.volumes).toMatchObject([{ emptyDir: { medium: "Memory" } }]);
    expect(spec?.containers).toMatchObject([{ volumeMounts: [{ mountPath: "/etc/flyte/secrets", readOnly: true }] }]);
  });

  test("gets the value from the safe, where the task looks for it", async () => {
    const { volume, exit, stderr } = await start({ group: "warehouse", key: "password" });
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: expect.stringContaining("1 secrets") });
    expect(readFileSync(join(volume, "warehouse", "password"), "utf8")).toBe("pässword\n");
  });

  test("reads why the pod does not start, in the provider's own words", async () => {
    const { exit, stderr } = await start({ group: "warehouse", key: "absent" });
    expect(exit).toBe(13);
    expect(stderr).toMatch(
      /^pod-secrets-fetch: fetch\/not-found: secret "warehouse\/absent" from acme-safe: HTTP 404 for "absent" in safe "warehouse" of 127\.0\.0\.1:\d+\. Fix: Correct the name, or put the secret into the safe\.\n$/,
    );
  });
});

test("the example's annotation says what its comment says", () => {
  const pod = parse(readFileSync(join(example, "example", "pod.yaml"), "utf8")) as Pod;
  const requests = secretRequests([{ group: "warehouse", key: "password", mountRequirement: "FILE" }]);
  expect(pod.metadata?.annotations).toEqual(encodeRequests(requests));
});

function inject(config: string, pod: string): Promise<Finished> {
  return runBuilt(command().program, ["inject", "--config", config, "-o", "json", pod]);
}

function runProgram(environment: Readonly<Record<string, string>>): Promise<Finished> {
  return runBuilt(join(third.author, "dist", "bin", "acme-safe-fetch.mjs"), [], { environment });
}

/** What a node does with a pod that asks for a secret: it starts the init container. @returns how that ends */
async function start(request: RequestFields): Promise<Finished & { readonly volume: string }> {
  const pod = join(third.user, "pod.json");
  writeFileSync(pod, JSON.stringify(withRequests(testPod(), secretRequests([request]))));
  const { stdout } = await inject(configForServer(), pod);
  const volume = mkdtempSync(join(third.folder, "volume-"));
  const [container] = (JSON.parse(stdout) as Pod).spec?.initContainers ?? [];
  if (container === undefined) throw new Error(`the pod has no init container: ${stdout}`);
  return { volume, ...(await runProgram(envOf(container, volume))) };
}

/** The example's config, for the server of this test. */
function configForServer(): string {
  const config = parse(readFileSync(join(third.user, "pod-secrets.yaml"), "utf8")) as {
    readonly managers: readonly { readonly options: object }[];
  };
  const url = `http://127.0.0.1:${(safe.address() as AddressInfo).port}`;
  const managers = config.managers.map((manager) => ({ ...manager, options: { ...manager.options, url } }));
  const file = join(third.user, "of-the-test.yaml");
  writeFileSync(file, stringify({ ...config, managers: managers.slice(0, 1) }));
  return file;
}

/** The container's env. Volume and token, which the kubelet mounts, are elsewhere on this machine. */
function envOf({ env = [] }: Container, volume: string): Readonly<Record<string, string>> {
  const parts = env.map(({ name, value = "" }) => [
    name,
    value
      .replace('"/run/pod-secrets"', JSON.stringify(volume))
      .replace('"settings":{', `"settings":{"tokenFile":${JSON.stringify(join(third.folder, "token"))},`),
  ]);
  return Object.fromEntries(parts) as Record<string, string>;
}
