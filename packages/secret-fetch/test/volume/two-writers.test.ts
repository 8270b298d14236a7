import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

import { writeFiles } from "../../src/volume/write.ts";
import { contentOf, temporaryFolder, volumeFile as file } from "../rig/volume.ts";

describe("when another writes to the volume at the same time", () => {
  test("a failure says so, and the other's files are whole", () => {
    const volume = temporaryFolder();
    const interrupted = {
      ...file("a", "1"),
      get bytes() {
        writeFiles(volume, [file("b", "2")], []);
        return new TextEncoder().encode("1");
      },
    };
    expect(() => writeFiles(volume, [interrupted], [])).toThrow(
      expect.objectContaining({
        kind: "not-written",
        message: expect.stringMatching(/something took away .* \(ENOENT\)$/),
      }),
    );
    expect(contentOf(volume)).toEqual({ b: "2" });
  });

  test("a failure takes nothing away that is the other's", () => {
    const volume = temporaryFolder();
    mkdirSync(join(volume, "z"));
    const mine = {
      ...file("", "1"),
      get path() {
        if (existsSync(join(volume, "shared"))) writeFileSync(join(volume, "shared/theirs"), "2");
        return "shared/mine";
      },
    };
    expect(() => writeFiles(volume, [mine, file("z", "3")], [])).toThrow(/is a folder/);
    expect(contentOf(volume)).toEqual({ shared: "/", "shared/theirs": "2", z: "/" });
  });
});
