import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { sourceAt, type JsonPath } from "../../src/providers/json-source.ts";

/** Every path in a value, and what stands there. */
function placesIn(value: unknown, path: JsonPath = []): readonly (readonly [JsonPath, unknown])[] {
  const inner = Array.isArray(value)
    ? value.flatMap((element, index) => placesIn(element, [...path, index]))
    : typeof value === "object" && value !== null
      ? Object.entries(value).flatMap(([name, member]) => placesIn(member, [...path, name]))
      : [];
  return [[path, value], ...inner];
}

describe("the source of a value in JSON", () => {
  test("is found at every path, whatever the spaces", () => {
    fc.assert(
      fc.property(fc.json(), fc.constantFrom("", " ", "\t", "\n"), (json, indent) => {
        const value: unknown = JSON.parse(json);
        const text = `${indent}${JSON.stringify(value, undefined, indent)}${indent}`;
        for (const [path, expected] of placesIn(value)) {
          expect(JSON.stringify(JSON.parse(sourceAt(text, path) ?? ""))).toBe(JSON.stringify(expected));
        }
      }),
    );
  });

  test.each<[string, JsonPath, string]>([
    ["-1.50e3", [], "-1.50e3"],
    [`{"a":[1,{"b":12345678901234567890.10}]}`, ["a", 1, "b"], "12345678901234567890.10"],
    [String.raw`{"\u0061":1}`, ["a"], "1"],
    [String.raw`{"\"":1,"\\":2}`, ["\\"], "2"],
    [`{"a":1,"a":2}`, ["a"], "2"],
    [`{"__proto__":1}`, ["__proto__"], "1"],
    [`{"a":"]}","b":[]}`, ["b"], "[]"],
    [`{ "a" : true , "b" : null }`, ["a"], "true"],
  ])("in %s at %j is %s", (text, path, source) => {
    expect(sourceAt(text, path)).toBe(source);
  });

  test.each<[string, JsonPath]>([
    ["[1]", [1]],
    ["[]", [0]],
    [`{"a":1}`, ["b"]],
    ["{}", ["toString"]],
    ["1", ["a"]],
    [`"a"`, [0]],
  ])("in %s at %j is not there", (text, path) => {
    expect(sourceAt(text, path)).toBeUndefined();
  });
});
