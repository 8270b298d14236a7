import { execFileSync } from "node:child_process";
import { mkdirSync, renameSync, rmSync, truncateSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Worker } from "node:worker_threads";

import type { Logger } from "@pod-secrets/core";
import { injectionContext, secretRequest, testHost, testPod } from "@pod-secrets/injector-testkit";
import { expect, onTestFinished, test, vi } from "vitest";

import { openSecretDirectory, type SecretDirectory } from "../src/secret-directory.ts";
import { NO_FILES, readSecretFiles } from "../src/secret-files.ts";
import { openGlobal } from "./open-global.ts";
import { writeFiles, writeSecretVolume } from "./secret-volume.ts";
import { secretsDirectory } from "./secrets-directory.ts";

/** Longer than any test: what happens by then was seen by a watcher. */
const NEVER = 3_600_000;

interface Settings extends Partial<Logger> {
  readonly pollInterval?: number;
}

async function open(path: string, { pollInterval = NEVER, ...log }: Settings = {}): Promise<SecretDirectory> {
  const host = testHost();
  const directory = await openSecretDirectory(path, { ...host, log: { ...host.log, ...log } }, pollInterval);
  onTestFinished(() => directory.close());
  return directory;
}

function valueOf(directory: SecretDirectory, name: string): string | undefined {
  const secret = directory.get(name);
  return secret?.state === "usable" ? secret.value.reveal() : undefined;
}

test("a file that is written, replaced or removed shows", async () => {
  const root = secretsDirectory({ "group/key": "1" });
  const directory = await open(root);
  writeFiles(root, { "group/key": "2", "group/new": "3" });
  await vi.waitFor(() => expect(valueOf(directory, "group/key")).toBe("2"), 5000);
  await vi.waitFor(() => expect(valueOf(directory, "group/new")).toBe("3"), 5000);
  rmSync(join(root, "group/new"));
  await vi.waitFor(() => expect(valueOf(directory, "group/new")).toBeUndefined(), 5000);
});

test("a group that is new shows, and so do later changes in it", async () => {
  const root = secretsDirectory();
  const directory = await open(root);
  writeFiles(root, { "group/key": "1" });
  await vi.waitFor(() => expect(valueOf(directory, "group/key")).toBe("1"), 5000);
  writeFiles(root, { "group/key": "2" });
  await vi.waitFor(() => expect(valueOf(directory, "group/key")).toBe("2"), 5000);
});

test("a Secret volume that the kubelet replaces shows, each time", async () => {
  const root = secretsDirectory();
  mkdirSync(join(root, "user-info"));
  writeSecretVolume(join(root, "user-info"), 1, { name: "generation 1" });
  const directory = await open(root);
  for (const generation of [2, 3, 4]) {
    writeSecretVolume(join(root, "user-info"), generation, { name: `generation ${generation}` });
    await vi.waitFor(() => expect(valueOf(directory, "user-info/name")).toBe(`generation ${generation}`), 5000);
  }
});

test("a directory that appears later is found by the poll", async () => {
  const parent = secretsDirectory();
  const directory = await open(join(parent, "secrets"), { pollInterval: 20 });
  expect(valueOf(directory, "group/key")).toBeUndefined();
  writeFiles(parent, { "secrets/group/key": "value" });
  await vi.waitFor(() => expect(valueOf(directory, "group/key")).toBe("value"), 5000);
});

test("a change of the same size and time is found, too", async () => {
  const root = secretsDirectory({ "group/key": "aaaa" });
  const directory = await open(root, { pollInterval: 20 });
  const time = new Date("2026-01-01T00:00:00Z");
  writeFiles(root, { "group/new": "bbbb" });
  utimesSync(join(root, "group/new"), time, time);
  utimesSync(join(root, "group/key"), time, time);
  await vi.waitFor(() => expect(valueOf(directory, "group/new")).toBe("bbbb"), 5000);
  renameSync(join(root, "group/new"), join(root, "group/key"));
  await vi.waitFor(() => expect(valueOf(directory, "group/key")).toBe("bbbb"), 5000);
});

test("files that have not changed are not read again", async () => {
  const root = secretsDirectory({ "group/same": "1", "group/other": "2" });
  const inAMinute = (): number => Date.now() + 60_000;
  const first = await readSecretFiles(root, NO_FILES, inAMinute);
  expect(await readSecretFiles(root, first, inAMinute)).toBe(first);
  writeFiles(root, { "group/other": "3" });
  const second = await readSecretFiles(root, first, inAMinute);
  expect(second.files.get("group/same")?.secret).toBe(first.files.get("group/same")?.secret);
  expect(second.files.get("group/other")?.secret).not.toBe(first.files.get("group/other")?.secret);
});

test("a file that changed just now is read again, since its next change may have the same time", async () => {
  const root = secretsDirectory({ "group/key": "1" });
  const first = await readSecretFiles(root, NO_FILES, Date.now);
  const second = await readSecretFiles(root, first, Date.now);
  expect(second.files.get("group/key")?.secret).not.toBe(first.files.get("group/key")?.secret);
});

test("the last good secrets stay when the directory cannot be read, and the log says so once", async () => {
  const root = secretsDirectory({ "group/key": "good" });
  const errors: unknown[] = [];
  const infos: string[] = [];
  const directory = await open(root, {
    pollInterval: 20,
    error: (_, fields) => void errors.push(fields?.["code"]),
    info: (message) => void infos.push(message),
  });
  mkdirSync(join(root, "large"));
  for (let index = 0; index <= 64; index++) {
    writeFileSync(join(root, `large/${index}`), "");
    truncateSync(join(root, `large/${index}`), 1_048_576);
  }
  writeFiles(root, { "group/key": "changed" });
  await vi.waitFor(() => expect(errors).toHaveLength(1), 5000);
  await sleep(100);
  expect(errors).toEqual(["global/directory-too-large"]);
  expect(valueOf(directory, "group/key")).toBe("good");

  infos.length = 0;
  rmSync(join(root, "large"), { recursive: true });
  await vi.waitFor(() => expect(valueOf(directory, "group/key")).toBe("changed"), 5000);
  expect(infos).toContain("the global secrets were read again");
});

test("a reading never mixes two generations of a Secret volume", { timeout: 60_000 }, async () => {
  const root = secretsDirectory();
  const names = Array.from({ length: 20 }, (_, index) => `key-${index}`);
  mkdirSync(join(root, "group"));
  const generationOf = (generation: number): Record<string, string> =>
    Object.fromEntries(names.map((name) => [name, String(generation)]));
  writeSecretVolume(join(root, "group"), 0, generationOf(0));
  // Another thread replaces the volume all the time, with short rests in which a reading can succeed.
  const writer = new Worker(new URL("./replace-volume.ts", import.meta.url), {
    workerData: { directory: join(root, "group"), names },
  });
  onTestFinished(async () => void (await writer.terminate()));
  const seen = new Set<string>();
  let files = NO_FILES;
  for (let reading = 0; reading < 200 || seen.size < 20; reading++) {
    files = await readSecretFiles(root, files, Date.now).catch(() => files);
    const values = [...files.files.values()].map(({ secret }) => secret.state === "usable" && secret.value.reveal());
    expect(new Set(values).size).toBeLessThanOrEqual(1);
    expect([0, names.length]).toContain(values.length);
    seen.add(String(values[0]));
  }
  expect(seen.size).toBeGreaterThanOrEqual(20);
});

test("after close nothing is read any more", async () => {
  const root = secretsDirectory({ "group/key": "1" });
  const directory = await open(root, { pollInterval: 20 });
  await directory.close();
  writeFiles(root, { "group/key": "2" });
  await sleep(300);
  expect(valueOf(directory, "group/key")).toBe("1");
});

test.each(["before", "after"])("an injector whose host is aborted %s it opens reads nothing any more", async (when) => {
  const root = secretsDirectory({ "group/key": "1" });
  const abort = new AbortController();
  if (when === "before") abort.abort();
  const injector = await openGlobal({ directory: root }, testHost(abort.signal));
  abort.abort();
  writeFiles(root, { "group/key": "2" });
  await sleep(300);
  const pod = testPod();
  const injection = injector.inject(pod, secretRequest({ group: "group", key: "key" }), injectionContext(pod));
  expect(injection).toHaveProperty("pod.spec.containers.0.env.1.value", "1");
});

test("an injector that is open does not keep the process alive", { timeout: 30_000 }, () => {
  const root = secretsDirectory({ "group/key": "1" });
  const script = `
    const { openSecretDirectory } = await import(${JSON.stringify(new URL("../src/secret-directory.ts", import.meta.url).href)});
    const none = () => {};
    const log = { debug: none, info: none, warn: none, error: none };
    await openSecretDirectory(${JSON.stringify(root)}, { log, clock: Date.now });
    process.stdout.write("open");
  `;
  const args = ["--conditions=@pod-secrets/source", "--input-type=module", "--eval", script];
  expect(execFileSync(process.execPath, args, { encoding: "utf8", timeout: 8000 })).toBe("open");
});
