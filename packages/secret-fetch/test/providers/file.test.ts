import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

import { readSmallFile } from "../../src/ports/read-file.ts";
import { fileProvider } from "../../src/providers/file.ts";
import { testHost } from "../rig/host.ts";
import { temporaryFolder } from "../rig/volume.ts";

const signal = new AbortController().signal;

async function fetchFrom(
  folder: string,
  source: { readonly path: string; readonly jsonKey?: string },
): Promise<string> {
  const host = { ...testHost(), readFile: readSmallFile };
  return new TextDecoder().decode(await fileProvider.create({ folder }, host).fetch(source, signal));
}

describe("a file of the container", () => {
  test("is a secret", async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, "team"));
    writeFileSync(join(folder, "team/db"), "value\n");
    await expect(fetchFrom(folder, { path: "team/db" })).resolves.toBe("value\n");
  });

  test("may hold several", async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "db.json"), '{"user":"u"}');
    await expect(fetchFrom(folder, { path: "db.json", jsonKey: "user" })).resolves.toBe("u");
  });

  test("may be mounted by Kubernetes, by way of a link", async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, "..2026"));
    writeFileSync(join(folder, "..2026/db"), "v");
    symlinkSync("..2026", join(folder, "..data"));
    symlinkSync("..data/db", join(folder, "db"));
    await expect(fetchFrom(folder, { path: "db" })).resolves.toBe("v");
  });

  test("that is not there is no secret", async () => {
    await expect(fetchFrom(temporaryFolder(), { path: "db" })).rejects.toMatchObject({ kind: "not-found" });
  });

  test("is none when it is a folder, a pipe, or too large", async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, "folder"));
    execFileSync("mkfifo", [join(folder, "pipe")]);
    writeFileSync(join(folder, "large"), new Uint8Array(1_048_577));
    for (const path of ["folder", "pipe", "large"])
      await expect(fetchFrom(folder, { path })).rejects.toMatchObject({ kind: "unusable-value" });
  });
});
