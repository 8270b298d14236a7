import { describe, expect, test } from "vitest";

import { requestInEnv } from "../../src/request/parts.ts";

function requestOf(parts: Readonly<Record<string, unknown>>): unknown {
  const env = Object.entries(parts).map(([name, part]) => [
    name,
    typeof part === "string" ? part : JSON.stringify(part),
  ]);
  return JSON.parse(requestInEnv(Object.fromEntries(env) as Record<string, string>));
}

describe("a request in the env", () => {
  test("is the text of one env var, as it is", () => {
    expect(requestInEnv({ POD_SECRETS_FETCH: "{ no JSON", HOME: "/" })).toBe("{ no JSON");
  });

  test("is put together of parts, in the order of their names", () => {
    const base = { version: 1, volume: "/run/pod-secrets" };
    const request = requestOf({
      "POD_SECRETS_FETCH.b": { items: [{ name: "b" }], folders: ["b"] },
      "POD_SECRETS_FETCH.a": { items: [{ name: "a" }], folders: ["a"] },
      "POD_SECRETS_FETCH.x": { providers: { x: { use: "file" } } },
      POD_SECRETS_FETCH: { ...base, providers: { y: { use: "file" } } },
      "POD_SECRETS_FETCH.empty": "",
      POD_SECRETS_FETCH_PORT: "tcp://10.0.0.1:80",
    });
    expect(request).toEqual({
      ...base,
      providers: { x: { use: "file" }, y: { use: "file" } },
      items: [{ name: "a" }, { name: "b" }],
      folders: ["a", "b"],
    });
  });

  test("may say the same twice", () => {
    const part = { version: 1, providers: { x: { use: "file" } } };
    expect(requestOf({ POD_SECRETS_FETCH: part, "POD_SECRETS_FETCH.1": part })).toEqual(part);
  });

  test.each<[string, Readonly<Record<string, unknown>>, string]>([
    ["two volumes", { POD_SECRETS_FETCH: { volume: "/a" }, "POD_SECRETS_FETCH.1": { volume: "/b" } }, "volume in"],
    [
      "two providers of one name",
      {
        POD_SECRETS_FETCH: { providers: { x: { use: "file" } } },
        "POD_SECRETS_FETCH.1": { providers: { x: { use: "confidant" } } },
      },
      "providers.x in",
    ],
    ["a list that is none", { POD_SECRETS_FETCH: { items: [] }, "POD_SECRETS_FETCH.1": { items: {} } }, "items in"],
  ])("is refused with %s", (_what, parts, where) => {
    expect(() => requestOf(parts)).toThrow(
      `the request cannot be read: ${where} POD_SECRETS_FETCH.1 is another than in a part before it`,
    );
  });

  test("is refused with a part that is no JSON", () => {
    expect(() => requestOf({ POD_SECRETS_FETCH: {}, "POD_SECRETS_FETCH.1": "[]" })).toThrow(
      expect.objectContaining({ kind: "wrong-request", message: expect.stringContaining("POD_SECRETS_FETCH.1") }),
    );
  });
});
