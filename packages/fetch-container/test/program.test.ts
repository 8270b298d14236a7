/** The program of the containers, run with their env: it takes what the pod has. */
import { spawn, spawnSync, type SpawnSyncReturns } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Container, Pod, SecretAsk } from "@pod-secrets/core";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { fetcherOptions } from "../src/index.ts";
import { IMAGE, admitted, fetcherOf, fileManager, podAsking } from "./admission.ts";

const PROGRAM = ["--conditions=@pod-secrets/source", join(import.meta.dirname, "../../secret-fetch/src/main.ts")];
const OPTIONS = fetcherOptions.parse({ image: IMAGE, envVars: "fileKeyRef", refresh: { seconds: 1 } });
const FILE: SecretAsk = { group: "Group", key: "Password", groupVersion: "a" };
const ENV_VAR: SecretAsk = { ...FILE, mountRequirement: "ENV_VAR" };

let folder: string;
let volume: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "pod-secrets-fetch-container-"));
  volume = join(folder, "volume");
  mkdirSync(volume);
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Env as the kubelet hands it over, but for the volume, which is a folder of the test. */
function envOf({ env = [] }: Container): Record<string, string> {
  const atTest = (value: string): string => value.replace('"/run/pod-secrets"', JSON.stringify(volume));
  return Object.fromEntries(env.map(({ name, value = "" }) => [name, atTest(value)]));
}

function runFetcher(pod: Pod): SpawnSyncReturns<string> {
  return spawnSync(process.execPath, PROGRAM, { env: envOf(fetcherOf(pod)), encoding: "utf8" });
}

function writeSource(group: string, key: string, value: string): void {
  const file = join(folder, group, key);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, value);
}

/** The env file that a container of the pod reads, as text. */
function envFileOf({ spec }: Pod): string {
  const [path = ""] = spec?.containers[0]?.env?.flatMap(({ valueFrom }) => valueFrom?.fileKeyRef?.path ?? []) ?? [];
  return readFileSync(join(volume, path), "utf8");
}

test("brings the files of all managers to where the task looks", async () => {
  const asks = ["a", "b"].flatMap((groupVersion) =>
    ["Password", 'o"d$(HOME) ü'].map((key) => ({ group: `Group-${groupVersion}`, key, groupVersion })),
  );
  for (const { group, key } of asks) writeSource(group, key, `value of ${key}`);
  const pod = await admitted(podAsking(asks), [fileManager("a", folder), fileManager("b", folder)]);
  expect(runFetcher(pod)).toMatchObject({ status: 0, stderr: expect.stringContaining("4 secrets") });
  for (const { group, key } of asks) {
    const file = join(volume, group.toLowerCase(), key.toLowerCase());
    expect(readFileSync(file, "utf8")).toBe(`value of ${key}`);
    // Whoever the task runs as can read it.
    expect(statSync(file).mode & 0o777).toBe(0o444);
  }
});

test("writes the env file that the containers read, in the kubelet's form", async () => {
  writeSource("Group", "Password", 'x "$(HOME)"\n#');
  const pod = await admitted(podAsking([ENV_VAR]), [fileManager("a", folder, OPTIONS)]);
  expect(runFetcher(pod)).toMatchObject({ status: 0 });
  expect(envFileOf(pod)).toBe("VALUE='x \"$(HOME)\"\n#'\n");
});

test("says which secret is not there, by the name that the pod's author gave it", async () => {
  const pod = await admitted(podAsking([FILE]), [fileManager("a", folder)]);
  const { status, stderr } = runFetcher(pod);
  expect(stderr).toContain('fetch/not-found: secret "Group/Password" from a (file)');
  expect(status).toBe(13);
});

test("says why a value cannot be an env var", async () => {
  writeSource("Group", "Password", "it's");
  const { status, stderr } = runFetcher(await admitted(podAsking([ENV_VAR]), [fileManager("a", folder, OPTIONS)]));
  expect(stderr).toContain('fetch/unusable-value: secret "Group/Password" from a (file)');
  expect(stderr).toContain("has a single quote");
  expect(status).toBe(16);
});

test("as the sidecar renews files and env files, and ends when it is told to", async () => {
  writeSource("Group", "Password", "old");
  const pod = await admitted(podAsking([FILE, ENV_VAR]), [fileManager("a", folder, OPTIONS)]);
  expect(runFetcher(pod)).toMatchObject({ status: 0 });
  const [, sidecar = { name: "" }] = pod.spec?.initContainers ?? [];
  const running = spawn(process.execPath, [...PROGRAM, ...(sidecar.args ?? [])], {
    env: envOf(sidecar),
    stdio: "ignore",
  });
  try {
    writeSource("Group", "Password", "new");
    await vi.waitFor(
      () => {
        expect(readFileSync(join(volume, "group", "password"), "utf8")).toBe("new");
        expect(envFileOf(pod)).toBe("VALUE='new'\n");
      },
      { timeout: 20_000, interval: 50 },
    );
  } finally {
    running.kill();
  }
  expect(await once(running, "exit")).toEqual([0, null]);
}, 30_000);
