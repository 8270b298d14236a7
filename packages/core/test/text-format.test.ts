/** The text inside an annotation: what Flyte's parser takes, and what it says to the rest. */
import { describe, expect, it } from "vitest";

import { decodeRequests } from "../src/index.ts";
import { decodeBase32, encodeBase32Bytes } from "../src/requests/base32.ts";
import { thrownBy } from "./thrown.ts";
import vectors from "./vectors/text-format.json" with { type: "json" };

/** Reads a text as an annotation holds it; each character is one byte. */
function read(text: string): unknown {
  const value = encodeBase32Bytes(Uint8Array.from(text, (character) => character.charCodeAt(0)));
  return decodeRequests({ "flyte.secrets/s0": value })[0];
}

function keyOf(literal: string): unknown {
  return (read(`key: ${literal}`) as { readonly key: string }).key;
}

function causeOf(text: string): string {
  return thrownBy(() => read(text)).message.replace("annotation flyte.secrets/s0: ", "");
}

describe("strings", () => {
  it.each([
    [String.raw`"\a\b\f\n\r\t\v\?\'\"\\"`, "\u0007\b\f\n\r\t\v?'\"\\"],
    [String.raw`"\101\x42\X43"`, "ABC"],
    [String.raw`"\303\274"`, "ü"],
    [String.raw`"\xc3" '\xbc'`, "ü"],
    [String.raw`"\u00e9\U0001f600"`, "é😀"],
    [String.raw`"\ud800"`, "\ufffd"],
    [String.raw`"\377"`, "\ufffd"],
    ["'it\"s'", 'it"s'],
    ['"a" # comment\n\t"b"', "ab"],
    ['"\u00ef\u00bb\u00bfbom"', "\ufeffbom"],
    ['"\u00ff raw"', "\ufffd raw"],
    ['""', ""],
  ])("%s", (literal, value) => {
    expect(keyOf(literal)).toBe(value);
  });

  it.each([
    [String.raw`key: "\8"`, String.raw`line 1.5: invalid quoted string "\8": unknown escape \8`],
    [String.raw`key: "\12"`, String.raw`line 1.5: invalid quoted string "\12": \1 requires 2 following digits`],
    [String.raw`key: "\400"`, String.raw`line 1.5: invalid quoted string "\400": \400 contains non-octal digits`],
    [String.raw`key: "\1-2"`, String.raw`line 1.5: invalid quoted string "\1-2": \1-2 contains non-octal digits`],
    [String.raw`key: "\x4"`, String.raw`line 1.5: invalid quoted string "\x4": \x requires 2 following digits`],
    [String.raw`key: "\xg0"`, String.raw`line 1.5: invalid quoted string "\xg0": \xg0 contains non-hexadecimal digits`],
    [String.raw`key: "\u12"`, String.raw`line 1.5: invalid quoted string "\u12": \u requires 4 following digits`],
    [
      String.raw`key: "\U00110000"`,
      String.raw`line 1.5: invalid quoted string "\U00110000": \U00110000 is not a valid Unicode code point`,
    ],
    ['key: "\\\u00c3\u00a9"', 'line 1.5: invalid quoted string "\\é": unknown escape \\é'],
    ['key: "\\\u00ff"', 'line 1.5: invalid quoted string "\\\ufffd": proto: bad UTF-8'],
    ['key: "\u00ff\\n"', 'line 1.5: invalid quoted string "\ufffd\\n": proto: bad UTF-8'],
    ['key: "\\n\u00ff"', 'line 1.5: invalid quoted string "\\n\ufffd": proto: bad UTF-8'],
    ['key: "a\nb"', "line 1.5: unmatched quote"],
    ['key: "a\\', "line 1.5: unmatched quote"],
    ['key: "a"\n "b', "line 2: unmatched quote"],
    ["key: 'a\"", "line 1.5: unmatched quote"],
  ])("refuses %j", (text, cause) => {
    expect(causeOf(text)).toBe(cause);
  });
});

describe("mount requirements", () => {
  it.each([
    ["ANY", "ANY"],
    ["0", "ANY"],
    ["-0", "ANY"],
    ["00", "ANY"],
    ["+1", "ENV_VAR"],
    ["0x1", "ENV_VAR"],
    ["0b1", "ENV_VAR"],
    ["0X_2", "FILE"],
    ["0o2", "FILE"],
    ["0_2", "FILE"],
    ["FILE", "FILE"],
  ])("%s is %s", (token, mountRequirement) => {
    expect(read(`mount_requirement: ${token}`)).toMatchObject({ mountRequirement });
  });

  it.each(["3", "-1", "0x7fffffff", "-2147483648", "1_0"])(
    "refuses number %s, which Flyte's managers refuse",
    (token) => {
      const error = thrownBy(() => read(`mount_requirement: ${token}`));
      expect(error.code).toBe("E_MOUNT_REQUIREMENT");
      expect(error.message).toBe(
        `annotation flyte.secrets/s0: unrecognized mount requirement [${Number(token.replace("_", ""))}] for key ""`,
      );
    },
  );

  it("takes a number with a zero in front as octal", () => {
    expect(thrownBy(() => read("mount_requirement: 010")).message).toContain("unrecognized mount requirement [8]");
  });

  it.each(["env_var", '"FILE"', "2147483648", "-2147483649", "1__0", "08", "0x", "1.0", "_1", "1_", "9".repeat(40)])(
    "refuses %s",
    (token) => {
      expect(causeOf(`mount_requirement: ${token}`)).toBe(`line 1.19: invalid enum: ${token}`);
    },
  );
});

describe("fields", () => {
  it("may come in any order, with separators, white space and comments", () => {
    expect(read('\r\n env_var:\'E\';key : "k" , # not the group\n\tgroup:"g"')).toMatchObject({
      group: "g",
      key: "k",
      envVar: "E",
    });
  });

  it.each([
    ['key: "a" key: "b"', 'line 1.9: non-repeated field "key" was repeated'],
    ['key "a"', 'line 1.4: expected \':\', found "\\"a\\""'],
    ["key", "line 1.0: expected ':', found \"\""],
    ['key: "a";; group: "b"', 'line 1.9: unknown field name ";" in core.Secret'],
    ['\n\nkey: "a" }', 'line 3: unknown field name "}" in core.Secret'],
    ['"key": "a"', 'line 1.0: unknown field name "\\"key\\"" in core.Secret'],
    ["key: <", "line 1.5: invalid string: <"],
    ["key: a.b+c-d_e", "line 1.5: invalid string: a.b+c-d_e"],
    ["key: # only a comment", "line 1.3: unexpected EOF"],
    ["\u0000", "line 1.0: unexpected byte 0x0"],
    ["\u00e9", "line 1.0: unexpected byte 0xe9"],
  ])("refuses %j", (text, cause) => {
    expect(causeOf(text)).toBe(cause);
  });
});

describe("extensions, which a Secret has none of", () => {
  it.each([
    ["[a.b", "line 1.1: unclosed type_url or extension name"],
    ["[]", 'line 1.1: unrecognized extension ""'],
    ['["a.b"]', 'line 1.6: unrecognized extension "a.b"'],
    ['[a."b"]', 'line 1.6: unrecognized extension "a.\\"b\\""'],
    ['["a.b" c]', 'line 1.7: expected "]", found "c"'],
    ["[example.com/a.B] {}", 'line 1.18: unrecognized message "a.B" in google.protobuf.Any'],
    ["[example.com/a.B]: <>", 'line 1.19: unrecognized message "a.B" in google.protobuf.Any'],
    ["[example.com/a.B] 1", "line 1.18: expected '{' or '<', found \"1\""],
  ])("refuses %j", (text, cause) => {
    expect(causeOf(text)).toBe(cause);
  });
});

describe("what an error shows", () => {
  it("is one line, without control characters", () => {
    expect(causeOf('key: "\\\n\u0007"')).toBe(
      'line 1.5: invalid quoted string "\\\\u000a\\u0007": unknown escape \\\\u000a',
    );
  });

  it("is short, however long the text is", () => {
    const name = "a".repeat(100_000);
    expect(causeOf(name)).toBe(`line 1.0: unknown field name "${"a".repeat(62)}…" in core.Secret`);
    expect(causeOf(`key: ${name}`)).toBe(`line 1.5: invalid string: ${"a".repeat(62)}…`);
  });
});

describe("what Go's own parser says to random texts", () => {
  it.each(vectors.decoded)("$value is read", ({ value, secret }) => {
    const { group = "", key = "", mount_requirement: mountRequirement = "ANY" } = secret;
    expect(decodeRequests({ "flyte.secrets/s0": value })[0]).toMatchObject({ group, key, mountRequirement });
  });

  it.each(vectors.refused)("$value is refused: $cause", ({ value, cause }) => {
    const error = thrownBy(() => decodeRequests({ "flyte.secrets/s0": value }));
    expect(error).toMatchObject({ code: "E_ANNOTATION", message: `annotation flyte.secrets/s0: ${cause}` });
  });
});

describe("base32", () => {
  it.each([
    ["", ""],
    ["m4", "g"],
    ["m4z", ""],
    ["m4zg5", "gro"],
    ["m4zg54", ""],
    ["m4zg54l", "grou"],
    ["m4zg54lqm", "group"],
    ["m4\r\nzg5", "gro"],
  ])("of %j is %j: a last group that no encoder writes is dropped, as in Go", (text, decoded) => {
    expect(decodeBase32(text)).toBe(decoded);
  });

  it.each([
    ["m4\n\r0", 2],
    ["M4", 0],
    ["m4é", 2],
    ["\u{1f600}", 0],
  ])("of %j is illegal at byte %i, not counting line breaks", (text, illegalAt) => {
    expect(decodeBase32(text)).toStrictEqual({ illegalAt });
  });
});
