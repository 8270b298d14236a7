/** The program as a process: the bundle that is published. */
import { spawn, type ChildProcessByStdio } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, statSync, watch, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";

import { FAILURES } from "../../src/failure.ts";
import { REQUEST_ENV_VAR, formatRequest, type FetchRequest } from "../../src/request.ts";
import { bundleProgram, type Bundle } from "../rig/bundle.ts";
import { serveLoopback } from "../rig/loopback-server.ts";
import { contentOf, temporaryFolder } from "../rig/volume.ts";

let bundle: Bundle;

beforeAll(async () => {
  bundle = await bundleProgram();
});

afterAll(() => bundle.remove());

interface Running {
  readonly child: ChildProcessByStdio<null, Readable, Readable>;
  /** Resolves at the end of the process. */
  readonly ended: Promise<Ended>;
}

interface Ended {
  readonly exit: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly termination: string | undefined;
}

function start(request: FetchRequest | string | undefined, args: readonly string[] = [], env: object = {}): Running {
  const log = join(temporaryFolder(), "termination-log");
  const text = typeof request === "object" ? formatRequest(request) : request;
  const child = spawn(process.execPath, [bundle.main, "--termination-log", log, ...args], {
    env: { PATH: process.env["PATH"], ...(text === undefined ? {} : { [REQUEST_ENV_VAR]: text }), ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const texts = { stdout: "", stderr: "" };
  child.stdout.on("data", (chunk: Buffer) => (texts.stdout += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (texts.stderr += chunk.toString()));
  const ended = once(child, "close").then(([exit]) => ({
    exit: exit as number | null,
    ...texts,
    termination: existsSync(log) ? readFileSync(log, "utf8") : undefined,
  }));
  return { child, ended };
}

const run = (...args: Parameters<typeof start>): Promise<Ended> => start(...args).ended;

function folderOf({ providers }: FetchRequest): string {
  return String(providers["local"]?.settings?.["folder"]);
}

/** Secrets in a folder, and the request for all of them. */
function requestFor(secrets: Readonly<Record<string, string>>, change: Partial<FetchRequest> = {}): FetchRequest {
  const [folder, volume] = [temporaryFolder(), temporaryFolder()];
  for (const [name, value] of Object.entries(secrets)) writeFileSync(join(folder, name), value);
  return {
    version: 1,
    volume,
    providers: { local: { use: "file", settings: { folder } } },
    items: Object.keys(secrets).map((name) => ({
      name,
      provider: "local",
      source: { path: name },
      files: [{ path: `group/${name}` }],
    })),
    ...change,
  };
}

describe("the program", () => {
  test("exits with 0 when everything is there, and says so in one line", async () => {
    const request = requestFor({ a: "1", b: "2" });
    const { exit, stdout, stderr, termination } = await run(request);
    expect(stderr).toMatch(/^pod-secrets-fetch: 2 secrets, 2 files written, in \d+ ms\n$/);
    expect({ exit, stdout, termination }).toEqual({ exit: 0, stdout: "", termination: undefined });
    expect(contentOf(request.volume)).toEqual({ group: "/", "group/a": "1", "group/b": "2" });
  });

  test("may have its request in a file", async () => {
    const request = requestFor({ a: "1" });
    const file = join(temporaryFolder(), "request.json");
    writeFileSync(file, JSON.stringify(request));
    await expect(run(undefined, ["--request", file])).resolves.toMatchObject({ exit: 0 });
    expect(contentOf(request.volume)).toEqual({ group: "/", "group/a": "1" });
  });

  test("leaves the reason of a failure as the container's termination message, and in its log", async () => {
    const request = requestFor({ a: "1" });
    const item = { name: "warehouse/password", provider: "local", source: { path: "missing" }, files: [{ path: "x" }] };
    const { exit, stderr, termination } = await run({ ...request, items: [...request.items, item] });
    expect(exit).toBe(FAILURES["not-found"].exit);
    expect(termination).toMatch(
      /^pod-secrets-fetch: fetch\/not-found: secret "warehouse\/password" from local \(file\): there is no file .*\. Fix: .*\.$/,
    );
    expect(stderr).toBe(`${termination}\n`);
    expect(contentOf(request.volume)).toEqual({});
  });

  test("shows help and version", async () => {
    const help = await run(undefined, ["--help"]);
    expect(help).toMatchObject({ exit: 0, stderr: "" });
    for (const [kind, { exit }] of Object.entries(FAILURES)) expect(help.stdout).toContain(`${exit}  ${kind}: `);
    await expect(run(undefined, ["--version"])).resolves.toMatchObject({
      exit: 0,
      stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
    });
  });
});

describe("a signal", () => {
  test("to stop ends it at once while it waits for a store, and nothing is written", async () => {
    const asked = Promise.withResolvers<void>();
    const server = await serveLoopback(() => asked.resolve());
    onTestFinished(() => server.close());
    const volume = temporaryFolder();
    const settings = { region: "us-east-1", endpoints: { secretsmanager: server.url.href } };
    const env = { AWS_ACCESS_KEY_ID: "AKID", AWS_SECRET_ACCESS_KEY: "key" };
    const { child, ended } = start(
      {
        version: 1,
        volume,
        providers: { aws: { use: "aws-secretsmanager", settings } },
        items: [{ name: "a", provider: "aws", source: { secretId: "a" }, files: [{ path: "a" }] }],
        deadlineSeconds: 3600,
        attemptSeconds: 600,
      },
      [],
      env,
    );
    await asked.promise;
    child.kill("SIGTERM");
    const { exit, termination } = await ended;
    expect(exit).toBe(FAILURES.interrupted.exit);
    expect(termination).toMatch(/fetch\/interrupted: secret "a"/);
    expect(contentOf(volume)).toEqual({});
  });

  test("to stop ends a watch with 0", async () => {
    const request = requestFor({ a: "1" }, { refreshSeconds: 86_400 });
    const { child, ended } = start(request, ["--watch"]);
    await once(child.stderr, "data");
    child.kill("SIGTERM");
    await expect(ended).resolves.toEqual({
      exit: 0,
      stdout: "",
      stderr: "pod-secrets-fetch: refreshes 1 secrets every 86400 s\n",
      termination: undefined,
    });
  });

  test("that kills it in the middle of writing leaves no file that is not whole", async () => {
    const names = Array.from({ length: 300 }, (_value, index) => `s${index}`);
    const value = "x".repeat(50_000);
    const request = requestFor(Object.fromEntries(names.map((name) => [name, value])));
    const { child, ended } = start(request);
    const watcher = watch(request.volume, () => child.kill("SIGKILL"));
    onTestFinished(() => watcher.close());
    await ended;
    for (const name of names) {
      const file = join(request.volume, "group", name);
      if (existsSync(file)) expect(statSync(file).size).toBe(value.length);
    }
    watcher.close();
    await expect(run(request)).resolves.toMatchObject({ exit: 0 });
    expect(Object.keys(contentOf(request.volume))).toHaveLength(names.length + 1);
  });
});

test("a running pod gets a new value within the period", async () => {
  const request = requestFor({ a: "1" }, { refreshSeconds: 1 });
  await run(request);
  const changed = Promise.withResolvers<void>();
  const watcher = watch(join(request.volume, "group"), () => changed.resolve());
  onTestFinished(() => watcher.close());
  writeFileSync(join(folderOf(request), "a"), "2");
  const { child, ended } = start(request, ["--watch"]);
  await changed.promise;
  expect(readFileSync(join(request.volume, "group/a"), "utf8")).toBe("2");
  child.kill("SIGTERM");
  await expect(ended).resolves.toMatchObject({ exit: 0, stderr: expect.stringContaining("1 files have a new value") });
  expect(contentOf(request.volume)).toEqual({ group: "/", "group/a": "2" });
});
