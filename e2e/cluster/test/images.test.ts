import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { librariesOf, needing, type Support } from "../src/index.ts";
import { writeArchive, type LocalImage } from "../src/images/archive.ts";
import { run } from "../src/processes/run.ts";

const IMAGE: LocalImage = {
  name: "docker.io/local/example:1",
  files: {
    "/etc/example/setting": { text: "a\n" },
    "/usr/bin/tool": { text: "#!/bin/sh\n", mode: 0o755 },
    "/usr/bin/alias": { link: "tool" },
  },
  entrypoint: ["/usr/bin/tool"],
  env: { COLOUR: "blue" },
  user: "65532",
};

const LINUX: Support =
  process.platform === "linux"
    ? { kind: "supported" }
    : { kind: "unsupported", reason: "the programs of images are those of Linux", fix: "Run it on Linux." };

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "cluster-images-"));
});

afterEach(() => rmSync(folder, { recursive: true }));

describe("the archive of an image", () => {
  test("holds the files with their modes, owned by root", async () => {
    await writeArchive(IMAGE, join(folder, "image.tar"));
    await run("tar", ["-xf", join(folder, "image.tar"), "-C", folder]);
    const { stdout } = await run("tar", ["--numeric-owner", "-tvf", join(folder, "layer.tar")]);
    expect(stdout).toMatch(/^-rw-r--r-- 0\/0 .* \.\/etc\/example\/setting$/m);
    expect(stdout).toMatch(/^-rwxr-xr-x 0\/0 .* \.\/usr\/bin\/tool$/m);
    expect(stdout).toMatch(/^lrwxrwxrwx 0\/0 .* \.\/usr\/bin\/alias -> tool$/m);
    expect(stdout).toMatch(/^drwxr-xr-x 0\/0 .* \.\/$/m);
  });

  test("says how the container starts", async () => {
    await writeArchive(IMAGE, join(folder, "image.tar"));
    await run("tar", ["-xf", join(folder, "image.tar"), "-C", folder]);
    expect(JSON.parse(readFileSync(join(folder, "manifest.json"), "utf8"))).toMatchObject([{ RepoTags: [IMAGE.name] }]);
    expect(JSON.parse(readFileSync(join(folder, "config.json"), "utf8"))).toMatchObject({
      config: { Entrypoint: ["/usr/bin/tool"], User: "65532", Env: expect.arrayContaining(["COLOUR=blue"]) },
    });
  });

  test("is the same each time", async () => {
    await writeArchive(IMAGE, join(folder, "first.tar"));
    await writeArchive(IMAGE, join(folder, "second.tar"));
    expect(readFileSync(join(folder, "first.tar")).equals(readFileSync(join(folder, "second.tar")))).toBe(true);
  });

  test.each(["/../outside", "relative", "/a/../../outside", "//double"])("has no file at %s", async (path) => {
    const image: LocalImage = { ...IMAGE, files: { [path]: { text: "" } } };
    await expect(writeArchive(image, join(folder, "image.tar"))).rejects.toMatchObject({ code: "E_CLUSTER_IMAGE" });
  });
});

describe("the libraries of a program", needing(LINUX), () => {
  test("of a dynamic one are files of this machine, the loader among them", async () => {
    const paths = Object.keys(await librariesOf(process.execPath));
    expect(paths.some((path) => /\/libc\.(so\.6|musl.*)$/.test(path))).toBe(true);
    expect(paths.some((path) => /\/ld-/.test(path))).toBe(true);
  });

  test("of what is no program are none", async () => {
    const script = join(folder, "script.sh");
    writeFileSync(script, "#!/bin/sh\n", { mode: 0o755 });
    expect(await librariesOf(script)).toEqual({});
  });
});
