import { describe, expect, test } from "vitest";

import { jsonKey } from "../../src/providers/json-key.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const get = (secret: string, key = "k"): string => new TextDecoder().decode(jsonKey(bytes(secret), key, "the secret"));

describe("the value of a key", () => {
  test.each([
    ['{"k":"text"}', "text"],
    ['{"k":""}', ""],
    ['{"k":"line\\nline \\u00e9"}', "line\nline é"],
    ['{"k":12345678901234567890.10}', "12345678901234567890.10"],
    ['{"k":1e400}', "1e400"],
    ['{"k":-0}', "-0"],
    ['{"k":true}', "true"],
    ['{"k":false}', "false"],
    ['{"k":1,"other":{"k":2}}', "1"],
    ['{"other":{"k":2},"k":1}', "1"],
    ['{"k":1,"k":2}', "2"],
  ])("of %s is %j", (secret, value) => {
    expect(get(secret)).toBe(value);
  });

  test.each(["__proto__", "constructor", "toString", "", "a.b", "ключ"])("may have the name %j", (key) => {
    expect(get(`{${JSON.stringify(key)}:"v"}`, key)).toBe("v");
  });
});

describe("there is none", () => {
  test.each(["__proto__", "constructor", "k2", "K"])("of the name %j, unless it is the secret's own", (key) => {
    expect(() => get('{"k":"v"}', key)).toThrow(
      expect.objectContaining({ kind: "not-found", message: `the secret has no key ${JSON.stringify(key)}` }),
    );
  });

  test.each([
    ['{"k":null}', /is null/],
    ['{"k":[1]}', /is a list/],
    ['{"k":{}}', /is an object/],
    [String.raw`{"k":"\ud83d"}`, /is no text: half of a character stands alone/],
    ["[]", /is no JSON object/],
    ["5", /is no JSON object/],
    ['"k"', /is no JSON object/],
    ["null", /is no JSON object/],
    ["", /is no JSON object/],
    ["{'k':1}", /is no JSON object/],
  ])("in %s", (secret, message) => {
    expect(() => get(secret)).toThrow(
      expect.objectContaining({ kind: "unusable-value", message: expect.stringMatching(message) }),
    );
  });
});
