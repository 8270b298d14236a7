import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { readRegularFile } from "../../src/files/regular-file.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "files-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(content: string): string {
  const file = join(folder, "file");
  writeFileSync(file, content);
  return file;
}

describe("a regular file is read", () => {
  test.each([0, 1, 65_536, 200_000])("of %i bytes", async (length) => {
    const content = "x".repeat(length);
    expect(await readRegularFile(write(content), 200_000)).toEqual({ outcome: "read", bytes: Buffer.from(content) });
  });
  test("behind a symbolic link, as the kubelet mounts it", async () => {
    const link = join(folder, "link");
    symlinkSync(write("text"), link);
    expect(await readRegularFile(link, 10)).toMatchObject({ outcome: "read" });
  });
  const file = "/proc/self/mountinfo";
  test("that says it is empty and is not", async (context) => {
    if (!existsSync(file)) context.skip(`there is no ${file}`);
    expect(await readRegularFile(file, 1_048_576)).toEqual({ outcome: "read", bytes: readFileSync(file) });
    expect(await readRegularFile(file, 10)).toEqual({ outcome: "too-large" });
  });
});

describe("what is no regular file is not read", () => {
  test("a file beyond the limit", async () => {
    expect(await readRegularFile(write("12345"), 5)).toMatchObject({ outcome: "read" });
    expect(await readRegularFile(write("123456"), 5)).toEqual({ outcome: "too-large" });
  });
  test("a directory", async () => {
    expect(await readRegularFile(folder, 10)).toEqual({ outcome: "directory" });
  });
  test("a pipe that nobody writes to", async () => {
    const pipe = join(folder, "pipe");
    execFileSync("mkfifo", [pipe]);
    expect(await readRegularFile(pipe, 10)).toEqual({ outcome: "not-regular" });
  });
  test.each(["/dev/zero", "/dev/null"])("the device %s", async (device) => {
    expect(await readRegularFile(device, 10)).toEqual({ outcome: "not-regular" });
  });
  test("a socket", async () => {
    const path = join(folder, "socket");
    const server = createServer();
    await new Promise<void>((resolve) => void server.listen(path, resolve));
    await expect(readRegularFile(path, 10)).rejects.toMatchObject({ code: "ENXIO" });
    server.close();
  });
  test("nothing", async () => {
    await expect(readRegularFile(join(folder, "none"), 10)).rejects.toMatchObject({ code: "ENOENT" });
  });
});
