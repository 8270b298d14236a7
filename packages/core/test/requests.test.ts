/** Which annotations of a pod are requests, and in which order. */
import { describe, expect, it } from "vitest";

import { ERRORS, MAX_SECRETS, decodeRequests, encodeRequests, type Annotations, type SecretAsk } from "../src/index.ts";
import { thrownBy } from "./thrown.ts";

const [VALUE = ""] = Object.values(encodeRequests([{ group: "g", key: "k" }]));

function sourcesOf(keys: readonly string[]): readonly string[] {
  const annotations = Object.fromEntries(keys.map((key) => [`flyte.secrets/${key}`, VALUE]));
  return decodeRequests(annotations).map(({ source }) => source.replace("flyte.secrets/", ""));
}

describe("the requests of a pod", () => {
  it("are none where it has no annotations, in all the ways that Go writes that", () => {
    expect(decodeRequests(undefined)).toEqual([]);
    expect(decodeRequests(null)).toEqual([]);
    expect(decodeRequests({})).toEqual([]);
  });

  it("are all annotations whose key starts so, also without a number", () => {
    expect(sourcesOf(["s0", "something", "x0", "S1"])).toEqual(["s0", "something"]);
    expect(decodeRequests({ "flyte.secret/s0": VALUE, __proto__x: VALUE })).toEqual([]);
  });

  it("come in the order of their numbers, then by name", () => {
    expect(sourcesOf(["s10", "s2", "s0", "sb", "s", "sa", "s1"])).toEqual(["s0", "s1", "s2", "s10", "s", "sa", "sb"]);
  });

  it("come in one order whatever the numbers look like, and however the annotations are sorted", () => {
    const big = "9".repeat(23);
    const wanted = ["s0", "s7", "s007", "s07", "s8", `s${big}`, `s${big}0`, "s-1", "s1.5", "s1e999", "s٣"];
    const inOrder = ["s0", "s007", "s07", "s7", "s8", `s${big}`, `s${big}0`, "s-1", "s1.5", "s1e999", "s٣"];
    expect(sourcesOf(wanted)).toEqual(inOrder);
    expect(sourcesOf(wanted.toReversed())).toEqual(inOrder);
  });

  it("are at most 256", () => {
    const asks: SecretAsk[] = Array.from({ length: MAX_SECRETS }, () => ({ group: "g", key: "k" }));
    expect(decodeRequests(encodeRequests(asks))).toHaveLength(256);
    const error = thrownBy(() => decodeRequests(encodeRequests([...asks, {}])));
    expect(error).toMatchObject({
      code: "E_TOO_MANY_SECRETS",
      message: "the pod asks for 257 secrets, and at most 256 are given",
    });
  });
});

describe("an annotation that is no request", () => {
  it("is named, with the key escaped where no annotation can have it", () => {
    const key = `flyte.secrets/s\n\u202e"${"x".repeat(1000)}`;
    const { code, message } = thrownBy(() => decodeRequests({ [key]: "!" }));
    expect(code).toBe("E_ANNOTATION");
    expect(message).toMatch(/^annotation "flyte\.secrets\/s\\n\\u202e\\"x+…": illegal base32 data at input byte 0$/);
  });

  it("is told together with others, in one message with all fixes", () => {
    const annotations = {
      ...encodeRequests([{ group: "g", key: "k" }]),
      "flyte.secrets/s1": "!",
      "flyte.secrets/s2": "?",
    };
    const many = Object.fromEntries(Array.from({ length: 256 }, (_, index) => [`flyte.secrets/s${index}`, "!"]));
    expect(() => decodeRequests(annotations)).toThrow(
      expect.objectContaining({
        code: "E_ANNOTATION",
        message:
          "annotation flyte.secrets/s1: illegal base32 data at input byte 0; annotation flyte.secrets/s2: illegal base32 data at input byte 0",
        fix: ERRORS.E_ANNOTATION.fix,
      }),
    );
    expect(() => decodeRequests(many)).toThrow(/s4: illegal base32 data at input byte 0$/);
  });

  it("is refused when its value is no text", () => {
    const annotations = { "flyte.secrets/s0": 5 } as unknown as Annotations;
    expect(thrownBy(() => decodeRequests(annotations))).toMatchObject({
      code: "E_ANNOTATION",
      message: "annotation flyte.secrets/s0: the value is no text",
    });
  });

  it.each([
    ["1 MB of base32", "m4zg54lq".repeat(131_072)],
    ["1 MB of blanks", "eaqca2di".repeat(131_072)],
    ["1 MB of quotes", "e4tso1zh".repeat(131_072)],
    ["1 MB of backslashes", "lqwc4xc1".repeat(131_072)],
    ["1 MB of line breaks", "\r\n".repeat(524_288)],
    ["1 MB of anything else", "\ud800".repeat(1_048_576)],
  ])("is refused, or read, at once: %s", (_, value) => {
    const start = process.threadCpuUsage();
    const run = (): unknown => decodeRequests({ "flyte.secrets/s0": value });
    if (value.startsWith("\r")) expect(run()).toHaveLength(1);
    else expect(thrownBy(run).message.length).toBeLessThan(1000);
    expect(process.threadCpuUsage(start).user / 1000).toBeLessThan(1000);
  });

  it("finds no request in names of Object.prototype", () => {
    const annotations = JSON.parse('{"__proto__":"x","constructor":"x","toString":"x"}') as Annotations;
    expect(decodeRequests(annotations)).toEqual([]);
  });
});

describe("writing requests", () => {
  it("takes what is left out as empty, and ANY", () => {
    expect(decodeRequests(encodeRequests([{ key: "k" }]))).toEqual([
      { source: "flyte.secrets/s0", group: "", groupVersion: "", key: "k", mountRequirement: "ANY", envVar: "" },
    ]);
  });

  it("keeps a byte order mark, and turns half a character into U+FFFD", () => {
    const [read] = decodeRequests(encodeRequests([{ group: "\ufeffg", key: "\ud800" }]));
    expect(read).toMatchObject({ group: "\ufeffg", key: "\ufffd" });
  });
});
