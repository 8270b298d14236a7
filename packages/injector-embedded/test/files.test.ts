/** Files, by the script that the pod gets, run by a real shell. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { mutatePod, PROFILES, createNaming, type Container, type Mutation, type Pod } from "@pod-secrets/core";
import { asReinvoked, secretRequests, withRequests, type RequestFields } from "@pod-secrets/injector-testkit";
import { describe, expect, onTestFinished, test } from "vitest";

import { LABELS, OF_PROJECT, ask, labelledPod, openEmbedded } from "./admitted.ts";
import { createMemoryStore, type MemoryStore } from "./memory-store.ts";

const ALL_BYTES = Uint8Array.from({ length: 256 }, (_none, byte) => byte);

async function admitted(
  store: MemoryStore,
  requests: readonly RequestFields[],
  pod: Pod = labelledPod(),
): Promise<Mutation> {
  const injectors = [await openEmbedded(store, { cache: { seconds: 0 } })];
  const profile = PROFILES["flyte-v2"];
  const settings = { profile, naming: createNaming(profile), injectors, onFailure: "deny" } as const;
  const facts = { namespace: "default", dryRun: false, deadline: Date.now() + 60_000 };
  return mutatePod(withRequests(pod, secretRequests(requests)), facts, settings);
}

function unpackerOf(mutation: Mutation): Container {
  const found = mutation.outcome === "changed" ? mutation.pod.spec?.initContainers?.[0] : undefined;
  if (found === undefined) throw new Error(JSON.stringify(mutation));
  return found;
}

interface Run {
  readonly exit: number | null;
  readonly files: ReadonlyMap<string, Buffer>;
}

/** The programs that the image has to have, and no others. */
function programs(...names: readonly string[]): string {
  const folder = folderOfTest("programs-");
  const path = (process.env["PATH"] ?? "").split(":");
  for (const name of names) {
    const found = path.map((directory) => join(directory, name)).find(existsSync);
    symlinkSync(found ?? name, join(folder, name));
  }
  return folder;
}

function folderOfTest(prefix: string): string {
  const folder = mkdtempSync(join(tmpdir(), prefix));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** Runs the container's command as the kubelet would, but for the folder that it writes to. */
function run({ command = [], env = [] }: Container, PATH: string = programs("sh", "mkdir", "base64")): Run {
  const folder = folderOfTest("unpacked-");
  const [program, ...args] = [...command.slice(0, -1), folder];
  const variables = Object.fromEntries(env.map(({ name, value = "" }) => [name, value]));
  const { status } = spawnSync(program, args, { env: { PATH, ...variables } });
  const names = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = names.map(({ parentPath, name }) => join(parentPath, name));
  return { exit: status, files: new Map(paths.map((path) => [path.slice(folder.length + 1), readFileSync(path)])) };
}

describe("the init container", () => {
  test("writes each value, byte by byte, where flytekit looks for it", async () => {
    const store = createMemoryStore({
      [OF_PROJECT("Token")]: "abc\n\n",
      [OF_PROJECT("bytes")]: ALL_BYTES,
      [OF_PROJECT("empty")]: "",
    });
    const { exit, files } = run(
      unpackerOf(
        await admitted(store, [
          { key: "Token", mountRequirement: "FILE" },
          { group: "Some-Group", key: "bytes", mountRequirement: "FILE" },
          { group: "a/b", key: "empty", mountRequirement: "FILE" },
        ]),
      ),
    );

    expect(exit).toBe(0);
    expect(Object.fromEntries(files)).toEqual({
      token: Buffer.from("abc\n\n"),
      "some-group/bytes": Buffer.from(ALL_BYTES),
      "a/b/empty": Buffer.alloc(0),
    });
  });

  test("takes more secrets than one env var could hold", async () => {
    const keys = Array.from({ length: 5 }, (_none, index) => `large-${index}`);
    const value = "x".repeat(90_000);
    const store = createMemoryStore(Object.fromEntries(keys.map((key) => [OF_PROJECT(key), value])));
    const { exit, files } = run(
      unpackerOf(
        await admitted(
          store,
          keys.map((key) => ({ key, mountRequirement: "FILE" })),
        ),
      ),
    );

    expect(exit).toBe(0);
    expect([...files.keys()].toSorted()).toEqual(keys.toSorted());
    expect(files.get("large-4")?.toString()).toBe(value);
  });

  test("ends with an error when a value cannot be written, so that the pod does not start", async () => {
    const store = createMemoryStore({ [OF_PROJECT("token")]: "abc" });
    const container = unpackerOf(await admitted(store, [{ key: "token", mountRequirement: "FILE" }]));
    const cut = { ...container, env: [{ name: "SECRETS", value: "token=YWJj!!!\n" }] };

    expect(run(container).exit).toBe(0);
    expect(run(cut).exit).not.toBe(0);
    expect(run({ ...container, env: [] }).exit).not.toBe(0);
    expect(run(container, programs("sh", "mkdir")).exit).not.toBe(0);
    expect(run(container, programs("sh", "base64")).exit).not.toBe(0);
    expect(run({ ...container, env: [{ name: "SECRETS", value: "token/=YWJj\n" }] }).exit).not.toBe(0);
  });

  test("is fit for Pod Security `restricted`, and comes before the pod's own init containers", async () => {
    const store = createMemoryStore({ [OF_PROJECT("token")]: "abc" });
    const own = { name: "own", image: "example.com/own:1" };
    const pod = labelledPod(LABELS, { spec: { initContainers: [own], containers: [{ name: "main" }] } });
    const mutation = await admitted(store, [{ key: "token", mountRequirement: "FILE" }], pod);

    expect(unpackerOf(mutation)).toMatchObject({
      name: "init-embedded-secret",
      securityContext: { runAsNonRoot: true, allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
    });
  });

  test.each([
    ["$(touch x)", "a$(touch x)"],
    ["a quotation mark", 'a"b'],
    ["an equals sign", "a=b"],
    ["a space", "a b"],
  ])("never sees a path with %s", async (_what, group) => {
    const injector = await openEmbedded(createMemoryStore({ [OF_PROJECT("token")]: "abc" }));
    expect(
      await ask(injector, { group, key: "token", mountRequirement: "FILE" }).catch((error: unknown) => error),
    ).toMatchObject({ code: "E_PATH_UNSAFE" });
  });
});

describe("files of one pod", () => {
  test("that differ by case alone are refused", async () => {
    const store = createMemoryStore({ [OF_PROJECT("token")]: "a", [OF_PROJECT("Token")]: "b" });
    expect(
      await admitted(store, [
        { key: "token", mountRequirement: "FILE" },
        { key: "Token", mountRequirement: "FILE" },
      ]),
    ).toMatchObject({ outcome: "refused", code: "E_FILE_COLLISION" });
  });

  test("of which one would be the folder of another are refused", async () => {
    const store = createMemoryStore({ [OF_PROJECT("token")]: "a", [OF_PROJECT("db")]: "b" });
    expect(
      await admitted(store, [
        { group: "db", key: "token", mountRequirement: "FILE" },
        { key: "db", mountRequirement: "FILE" },
      ]),
    ).toMatchObject({ outcome: "refused", code: "E_FILE_COLLISION" });
  });

  test("stay as they are when the API server calls again and the store has another value by then", async () => {
    const store = createMemoryStore({ [OF_PROJECT("token")]: "old" });
    const requests = [{ key: "token", mountRequirement: "FILE" }] as const;
    const first = await admitted(store, requests);
    store.secrets.set(OF_PROJECT("token"), Buffer.from("new"));
    const again = await admitted(store, requests, asReinvoked(first.outcome === "changed" ? first.pod : {}));

    expect(again).toMatchObject({
      outcome: "unchanged",
      warnings: ['the pod brings the file "token" of a secret, and keeps it as it is'],
    });
  });

  test("are refused when one is longer than Linux hands to a program", async () => {
    const store = createMemoryStore({ [OF_PROJECT("large")]: "x".repeat(100_000) });
    const mutation = await admitted(store, [{ key: "large", mountRequirement: "FILE" }]);

    expect(mutation).toMatchObject({ outcome: "refused", code: "E_ENV_VALUE" });
    expect(JSON.stringify(mutation)).not.toContain("xxx");
  });
});
