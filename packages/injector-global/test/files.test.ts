import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { Logger } from "@pod-secrets/core";
import { testHost } from "@pod-secrets/injector-testkit";
import { expect, onTestFinished, test } from "vitest";

import { openSecretDirectory, type SecretDirectory } from "../src/secret-directory.ts";
import { writeFiles, writeSecretVolume } from "./secret-volume.ts";
import { secretsDirectory } from "./secrets-directory.ts";

async function open(path: string, log: Partial<Logger> = {}): Promise<SecretDirectory> {
  const host = testHost();
  const directory = await openSecretDirectory(path, { ...host, log: { ...host.log, ...log } });
  onTestFinished(() => directory.close());
  return directory;
}

function valueOf(directory: SecretDirectory, name: string): string | undefined {
  const secret = directory.get(name);
  return secret?.state === "usable" ? secret.value.reveal() : secret?.reason;
}

test("a file two levels down is a secret, at other levels it is none", async () => {
  const directory = await open(secretsDirectory({ top: "1", "group/key": "2", "group/more/deep": "3" }));
  expect(["top", "group/key", "group/more", "group/more/deep"].map((name) => valueOf(directory, name))).toEqual([
    undefined,
    "2",
    undefined,
    undefined,
  ]);
});

test("hidden files and directories are no secrets", async () => {
  const directory = await open(secretsDirectory({ ".group/key": "1", "group/.key": "2", "..data/key": "3" }));
  expect([".group/key", "group/.key", "..data/key"].map((name) => valueOf(directory, name))).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});

test("a Secret volume per group is read through its links", async () => {
  const root = secretsDirectory();
  mkdirSync(join(root, "user-info"));
  writeSecretVolume(join(root, "user-info"), 1, { name: "alice", password: "s3cret" });
  const directory = await open(root);
  expect(valueOf(directory, "user-info/name")).toBe("alice");
  expect(valueOf(directory, "user-info/password")).toBe("s3cret");
});

test("one Secret volume with a path per group is read through its links", async () => {
  const root = secretsDirectory();
  writeSecretVolume(root, 1, { "user-info/name": "alice", "db/password": "s3cret" });
  const directory = await open(root);
  expect(valueOf(directory, "user-info/name")).toBe("alice");
  expect(valueOf(directory, "db/password")).toBe("s3cret");
});

test("links that lead out of the directory are not followed, and the operator is told", async () => {
  const outside = secretsDirectory({ "group/key": "outside" });
  const root = secretsDirectory({ "inside/key": "inside", "inside-2/key": "inside" });
  symlinkSync(join(outside, "group"), join(root, "linked-group"));
  symlinkSync(join(outside, "group/key"), join(root, "inside/linked-key"));
  symlinkSync(`${root}/inside-2/key`, join(root, "inside/absolute"));
  const told = new Set<unknown>();
  const directory = await open(root, { warn: (_, fields) => void told.add(fields?.["file"]) });
  expect(valueOf(directory, "linked-group/key")).toBeUndefined();
  expect(valueOf(directory, "inside/linked-key")).toBe("is a link that leads out of the directory of global secrets");
  expect(valueOf(directory, "inside/absolute")).toBe("inside");
  expect(told).toEqual(new Set(["inside/linked-key", "linked-group"]));
});

test("a directory beside the root whose name starts like it is outside", async () => {
  const parent = secretsDirectory({ "secrets/group/key": "inside", "secrets-backup/key": "outside" });
  symlinkSync("../secrets-backup", join(parent, "secrets/linked"));
  const directory = await open(join(parent, "secrets"));
  expect(valueOf(directory, "linked/key")).toBeUndefined();
});

test("links in a circle or to nowhere are no secrets", async () => {
  const root = secretsDirectory({ "group/key": "value" });
  symlinkSync("circle", join(root, "circle"));
  symlinkSync("circle", join(root, "group/circle"));
  symlinkSync("nowhere", join(root, "group/nowhere"));
  const directory = await open(root);
  expect(valueOf(directory, "group/key")).toBe("value");
  expect(valueOf(directory, "group/circle")).toBeUndefined();
  expect(valueOf(directory, "group/nowhere")).toBeUndefined();
});

test("a pipe is not read, and does not block", async () => {
  const root = secretsDirectory({ "group/key": "value" });
  execFileSync("mkfifo", [join(root, "group/pipe")]);
  expect(valueOf(await open(root), "group/pipe")).toBe("is no regular file");
});

test("a file may have 1 MiB, and not a byte more", async () => {
  const root = secretsDirectory({ "group/full": "x".repeat(1_048_576), "group/over": "x".repeat(1_048_577) });
  const directory = await open(root);
  expect(valueOf(directory, "group/full")).toHaveLength(1_048_576);
  expect(valueOf(directory, "group/over")).toBe("is larger than 1 MiB");
});

test("bytes that are no UTF-8 cannot be an env var", async () => {
  const root = secretsDirectory({ "group/binary": Uint8Array.of(0xff, 0xfe, 0x00), "group/text": "\ufeffä" });
  const directory = await open(root);
  expect(valueOf(directory, "group/binary")).toBe("is no UTF-8 text, and an env var holds only text");
  expect(valueOf(directory, "group/text")).toBe("\ufeffä");
});

/** Opens a directory as a user who is not root: root may read everything. */
function openAsNobody(root: string): string {
  const module = new URL("../src/secret-directory.ts", import.meta.url).href;
  const script = `
    const { openSecretDirectory } = await import(${JSON.stringify(module)});
    if (process.getuid() === 0) process.seteuid(65534);
    const warn = (_, { file, reason }) => console.log(file, reason);
    const log = { debug() {}, info() {}, warn, error() {} };
    try {
      await openSecretDirectory(${JSON.stringify(root)}, { log, clock: Date.now });
    } catch (error) {
      console.log(error.code, error.message);
    }
  `;
  const args = ["--conditions=@pod-secrets/source", "--input-type=module", "--eval", script];
  return execFileSync(process.execPath, args, { encoding: "utf8" });
}

test("a file that the webhook may not read is left out, and the operator is told", () => {
  const root = secretsDirectory({ "group/key": "value" });
  chmodSync(root, 0o755);
  chmodSync(join(root, "group/key"), 0o000);
  expect(openAsNobody(root)).toBe("group/key cannot be read by the webhook (EACCES)\n");
});

test("a directory that the webhook may not read stops the start", () => {
  const root = secretsDirectory({ "group/key": "value" });
  chmodSync(root, 0o000);
  expect(openAsNobody(root)).toContain(
    `global/directory-unreadable The directory of global secrets cannot be read: "${root}": EACCES`,
  );
  chmodSync(root, 0o755);
});

test("a directory that does not exist holds no secrets", async () => {
  expect(valueOf(await open("/nonexistent/secrets"), "group/key")).toBeUndefined();
});

test.each([
  ["/", "global/directory-not-for-pods"],
  ["/proc/self", "global/directory-not-for-pods"],
  ["/dev", "global/directory-not-for-pods"],
])("%s stops the start with %s", async (path, code) => {
  await expect(open(path)).rejects.toMatchObject({ code, fix: expect.stringMatching(/\.$/) });
});

test("a link to such a directory stops the start, too", async () => {
  const root = secretsDirectory();
  symlinkSync("/proc/self", join(root, "link"));
  await expect(open(join(root, "link"))).rejects.toMatchObject({ code: "global/directory-not-for-pods" });
});

test("a file in the place of the directory holds no secrets", async () => {
  const root = secretsDirectory({ file: "value" });
  expect(valueOf(await open(join(root, "file")), "group/key")).toBeUndefined();
});

test("more than 64 MiB stop the start", async () => {
  const root = secretsDirectory({ "group/0": "" });
  for (let index = 0; index <= 64; index++) {
    writeFileSync(join(root, `group/${index}`), "");
    truncateSync(join(root, `group/${index}`), 1_048_576);
  }
  await expect(open(root)).rejects.toMatchObject({ code: "global/directory-too-large" });
});

test("more than 10,000 files stop the start, and 10,000 are read", { timeout: 60_000 }, async () => {
  const root = secretsDirectory(Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`a/k${index}`, "v"])));
  expect(valueOf(await open(root), "a/k9999")).toBe("v");
  writeFiles(root, { "b/one-more": "v" });
  await expect(open(root)).rejects.toMatchObject({
    code: "global/directory-too-large",
    message: expect.stringContaining("more than 10000 files"),
  });
});
