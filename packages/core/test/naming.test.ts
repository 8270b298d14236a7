/** Names that the task computes again to find its secret. */
import { describe, expect, it } from "vitest";

import { PROFILES, createNaming, goUpper, secretVolumeName } from "../src/index.ts";
import { goLower } from "../src/letter-case.ts";
import { isSecretVolumeOf } from "../src/naming.ts";
import { request } from "./fixtures.ts";
import { thrownBy } from "./thrown.ts";

const v1 = createNaming(PROFILES["flyte-v1"]);
const v2 = createNaming(PROFILES["flyte-v2"]);

describe("the env var of a secret", () => {
  it("is prefix, group and key in upper case", () => {
    expect(v1.envName(request({ group: "user-info", key: "user_secret" }))).toBe("_FSEC_USER-INFO_USER_SECRET");
    expect(v2.envName(request({ group: "grOUP", key: "hello" }))).toBe("_UNION_GROUP_HELLO");
    expect(createNaming(PROFILES["flyte-v2"], "MY_").envName(request({ group: "g", key: "k" }))).toBe("MY_G_K");
  });

  it("has the MD5 of the key for an empty group under flyte-v2 only", () => {
    const ask = request({ key: "hello" });
    expect(v1.group(ask)).toBe("");
    expect(v2.group(ask)).toBe("5d41402abc4b2a76b9719d911017c592");
    expect(v2.group(request({}))).toBe("");
  });
});

describe("the file of a secret", () => {
  it("is group and key in lower case, below the mount root", () => {
    const ask = request({ group: "Secret/Foo", key: "API_KEY" });
    expect(v1.directory(ask)).toBe("/etc/flyte/secrets/secret/foo");
    expect(v1.fileName(ask)).toBe("api_key");
    expect(v1.filePath(ask)).toBe("/etc/flyte/secrets/secret/foo/api_key");
    expect(createNaming(PROFILES["flyte-v1"], "_FSEC_", "/run/s").filePath(ask)).toBe("/run/s/secret/foo/api_key");
  });

  it("does not care for a slash at the end, as Go does not", () => {
    expect(v1.directory(request({ group: "g/" }))).toBe("/etc/flyte/secrets/g");
  });

  it.each([
    "",
    ".",
    "..",
    "../x",
    "a/../b",
    "a//b",
    "/a",
    "a\u0000b",
    "a\nb",
    "\ud800",
    "x".repeat(256),
    "é".repeat(128),
  ])("is refused when it could be elsewhere: %j", (text) => {
    expect(thrownBy(() => v1.directory(request({ group: text }))).code).toBe("E_PATH_UNSAFE");
    expect(thrownBy(() => v1.fileName(request({ key: text }))).code).toBe("E_PATH_UNSAFE");
  });

  it("says in the fix itself what a path cannot have, since a refusal is one line", () => {
    expect(thrownBy(() => v1.directory(request({ group: "a/../b" }))).fix).toBe(
      "Leave out of group and key empty parts, `.`, what begins with `..`, a leading `/`, control characters, and parts of more than 255 bytes.",
    );
  });

  it("takes parts as long as a file system does", () => {
    expect(v1.fileName(request({ key: "x".repeat(255) }))).toHaveLength(255);
    expect(thrownBy(() => v1.fileName(request({ key: "x/".repeat(600) }))).code).toBe("E_PATH_UNSAFE");
  });
});

describe("the volume of a Secret", () => {
  it("has Flyte's name where that fits, else a short hash that does not change", () => {
    expect(secretVolumeName("user-info", "")).toBe("ovzwk3rnnfxgm216");
    expect(secretVolumeName("a".repeat(38), "")).toHaveLength(63);
    expect(secretVolumeName("a".repeat(39), "")).toBe("fs-3805d922d1c90bb3ea94");
  });

  it("is known again, whatever the version", () => {
    expect(isSecretVolumeOf("user-info", secretVolumeName("user-info", "v2"))).toBe(true);
    expect(isSecretVolumeOf("a".repeat(39), secretVolumeName("a".repeat(39), "v2"))).toBe(true);
    expect(isSecretVolumeOf("user", secretVolumeName("user-info", ""))).toBe(false);
    expect(isSecretVolumeOf("user-info", "my-volume")).toBe(false);
  });
});

describe("letter case", () => {
  // What Go's strings.ToUpper and strings.ToLower give.
  it.each([
    ["straße", "STRAßE", "straße"],
    ["ŉ", "ŉ", "ŉ"],
    ["İI", "İI", "ii"],
    ["ΣΑΣ", "ΣΑΣ", "σασ"],
    ["ᾳᾀᾧῃ", "ᾼᾈᾯῌ", "ᾳᾀᾧῃ"],
    ["ǆ ǅ", "Ǆ Ǆ", "ǆ ǆ"],
    ["ﬁ", "ﬁ", "ﬁ"],
    ["𐐨", "𐐀", "𐐨"],
    ["ſ", "S", "ſ"],
  ])("of %s is Go's, letter by letter", (text, upper, lower) => {
    expect(goUpper(text)).toBe(upper);
    expect(goLower(text)).toBe(lower);
  });
});
