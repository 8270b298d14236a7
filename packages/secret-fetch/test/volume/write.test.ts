import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, readdirSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

import { writeFiles } from "../../src/volume/write.ts";
import { contentOf, modeOf, temporaryFolder, volumeFile as file } from "../rig/volume.ts";

/** Whether this machine lets a process have mounts of its own. */
const CAN_MOUNT = spawnSync("unshare", ["-rm", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]).status === 0;

describe("files", () => {
  test("are written with their folders, and nothing else is left", () => {
    const volume = temporaryFolder();
    expect(writeFiles(volume, [file("a", "1"), file("b/c/d", "2"), file("b/e", "")], ["k8s/group"])).toBe(3);
    expect(contentOf(volume)).toEqual({
      a: "1",
      b: "/",
      "b/c": "/",
      "b/c/d": "2",
      "b/e": "",
      k8s: "/",
      "k8s/group": "/",
    });
  });

  test("have the mode that was asked for, and folders may be entered by all, whatever the umask", () => {
    const volume = temporaryFolder();
    const before = process.umask(0o077);
    try {
      writeFiles(volume, [file("a/b", "1"), file("c", "2", "0400"), file("d", "3", "0666")], []);
    } finally {
      process.umask(before);
    }
    expect(["a", "a/b", "c", "d"].map((path) => modeOf(join(volume, path)))).toEqual(["0755", "0444", "0400", "0666"]);
  });

  test("are exchanged in one step: who reads the old one goes on reading it", () => {
    const volume = temporaryFolder();
    writeFiles(volume, [file("a", "old")], []);
    const before = statSync(join(volume, "a")).ino;
    expect(writeFiles(volume, [file("a", "new")], [])).toBe(1);
    expect(readFileSync(join(volume, "a"), "utf8")).toBe("new");
    expect(statSync(join(volume, "a")).ino).not.toBe(before);
  });

  test("with the same value stay the same file", () => {
    const volume = temporaryFolder();
    writeFiles(volume, [file("a", "same"), file("b", "old")], []);
    const before = statSync(join(volume, "a")).ino;
    expect(writeFiles(volume, [file("a", "same"), file("b", "new")], [])).toBe(1);
    expect(statSync(join(volume, "a")).ino).toBe(before);
  });

  test("get another mode when it was another", () => {
    const volume = temporaryFolder();
    writeFiles(volume, [file("a", "same")], []);
    expect(writeFiles(volume, [file("a", "same", "0440")], [])).toBe(1);
    expect(modeOf(join(volume, "a"))).toBe("0440");
  });

  test("of a run that was killed half-way are cleared away by the next", () => {
    const volume = temporaryFolder();
    mkdirSync(join(volume, "..pod-secrets-fetch-Ab12xy"));
    writeFileSync(join(volume, "..pod-secrets-fetch-Ab12xy", "0"), "half");
    writeFiles(volume, [file("a", "1")], []);
    expect(contentOf(volume)).toEqual({ a: "1" });
  });
});

describe("nothing new is left behind when", () => {
  test("a folder is where a file should be", () => {
    const volume = temporaryFolder();
    mkdirSync(join(volume, "z"));
    expect(() => writeFiles(volume, [file("a", "1"), file("z", "2")], [])).toThrow(
      expect.objectContaining({ kind: "not-written", message: `${join(volume, "z")} is a folder` }),
    );
    expect(contentOf(volume)).toEqual({ z: "/" });
  });

  test("a file is where a folder should be", () => {
    const volume = temporaryFolder();
    writeFileSync(join(volume, "z"), "of another");
    expect(() => writeFiles(volume, [file("a", "1"), file("z/b", "2")], [])).toThrow(
      expect.objectContaining({ kind: "not-written", message: `${join(volume, "z")} is no folder` }),
    );
    expect(contentOf(volume)).toEqual({ z: "of another" });
  });

  test("a link leads out of the volume", () => {
    const [volume, outside] = [temporaryFolder(), temporaryFolder()];
    symlinkSync(outside, join(volume, "z"));
    expect(() => writeFiles(volume, [file("z/b", "2")], [])).toThrow(/is no folder/);
    expect(readdirSync(outside)).toEqual([]);
  });

  test("the volume is not mounted", () => {
    const volume = join(temporaryFolder(), "missing");
    expect(() => writeFiles(volume, [file("a", "1")], [])).toThrow(
      expect.objectContaining({ kind: "not-written", message: `the volume is not mounted at ${volume}` }),
    );
  });

  test("the disk is full, or the process may write no more", () => {
    const volume = temporaryFolder();
    const { stdout } = writeElsewhere(`ulimit -f 8`, volume);
    expect(JSON.parse(stdout)).toMatchObject({ kind: "not-written", message: expect.stringMatching(/\(EFBIG\)$/) });
    expect(contentOf(volume)).toEqual({});
  });

  test("the memory volume is full", ({ skip }) => {
    skip(!CAN_MOUNT, "unshare may not mount here");
    const volume = temporaryFolder();
    const { stdout } = writeElsewhere(`mount -t tmpfs -o size=64k tmpfs "${volume}"`, volume);
    expect(JSON.parse(stdout)).toMatchObject({ kind: "not-written", message: "the volume is full (ENOSPC)", left: [] });
  });

  test("the volume is read-only", ({ skip }) => {
    skip(!CAN_MOUNT, "unshare may not mount here");
    const volume = temporaryFolder();
    const { stdout } = writeElsewhere(`mount -t tmpfs -o ro tmpfs "${volume}"`, volume);
    expect(JSON.parse(stdout)).toMatchObject({
      kind: "not-written",
      message: "the volume is read-only (EROFS)",
      left: [],
    });
  });

  test("the user may not write", ({ skip }) => {
    skip(process.getuid?.() === 0, "root may write everywhere");
    const volume = temporaryFolder();
    chmodSync(volume, 0o555);
    expect(() => writeFiles(volume, [file("a", "1")], [])).toThrow(/may not write to the volume \(EACCES\)/);
  });
});

test("a link in the place of a file is replaced, and not followed", () => {
  const [volume, outside] = [temporaryFolder(), temporaryFolder()];
  writeFileSync(join(outside, "target"), "of another");
  symlinkSync(join(outside, "target"), join(volume, "a"));
  writeFiles(volume, [file("a", "secret")], []);
  expect(contentOf(volume)).toEqual({ a: "secret" });
  expect(contentOf(outside)).toEqual({ target: "of another" });
});

/** Writes a small and a large file in a process that was made ready by a line of shell, in name spaces of its own. */
function writeElsewhere(prepare: string, volume: string): { readonly stdout: string } {
  const program = `
    import { readdirSync } from "node:fs";
    import { writeFiles } from ${JSON.stringify(join(import.meta.dirname, "../../src/volume/write.ts"))};
    const file = (path, size) => ({ path, mode: "0444", bytes: new Uint8Array(size) });
    try { writeFiles(${JSON.stringify(volume)}, [file("small", 10), file("x/large", 1_000_000)], []); }
    catch ({ kind, message }) {
      console.log(JSON.stringify({ kind, message, left: readdirSync(${JSON.stringify(volume)}) }));
    }`;
  const node = `"${process.execPath}" --conditions=@pod-secrets/source --input-type=module -`;
  const shell = ["-c", `${prepare} && exec ${node}`];
  const isMount = prepare.startsWith("mount");
  const [command, args] = isMount ? (["unshare", ["-rm", "bash", ...shell]] as const) : (["bash", shell] as const);
  const { stdout, stderr, status } = spawnSync(command, args, {
    input: program,
    encoding: "utf8",
  });
  if (status !== 0 || stdout === "") throw new Error(`exit code ${status}: ${stderr}`);
  return { stdout };
}
