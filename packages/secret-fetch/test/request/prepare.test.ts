import { describe, expect, test } from "vitest";

import { builtInProviders } from "../../src/providers/built-in.ts";
import { prepareRequest } from "../../src/request/prepare.ts";
import { formatRequest, type FetchItem, type FetchRequest } from "../../src/request.ts";

const ITEM: FetchItem = {
  name: "warehouse/password",
  provider: "local",
  source: { path: "password" },
  files: [{ path: "warehouse/password" }],
};
const REQUEST: FetchRequest = {
  version: 1,
  volume: "/run/pod-secrets",
  providers: { local: { use: "file", settings: { folder: "/secrets" } } },
  items: [ITEM],
};

const prepare = (request: unknown): ReturnType<typeof prepareRequest> =>
  prepareRequest(JSON.stringify(request), builtInProviders);

describe("a request", () => {
  test("has sensible values for everything that it leaves out", async () => {
    const { items, ...rest } = await prepare(REQUEST);
    expect(rest).toEqual({
      volume: "/run/pod-secrets",
      folders: [],
      deadline: 60_000,
      attempt: 10_000,
      concurrency: 8,
      maxBytes: 1_048_576,
      refresh: 300_000,
    });
    expect(items[0]).toMatchObject({
      required: true,
      files: [{ path: "warehouse/password", mode: "0444" }],
      env: [],
      provider: { name: "local", settings: { folder: "/secrets" } },
    });
  });

  test("knows that two items want the same secret, in whatever order their source is written", async () => {
    const { items } = await prepare({
      ...REQUEST,
      items: [
        { ...ITEM, source: { path: "a", jsonKey: "k" } },
        { ...ITEM, source: { jsonKey: "k", path: "a" }, files: [{ path: "other" }] },
        { ...ITEM, source: { path: "a" }, files: [{ path: "whole" }] },
      ],
    });
    expect(items[0]?.identity).toBe(items[1]?.identity);
    expect(items[0]?.identity).not.toBe(items[2]?.identity);
  });

  test("may send one secret to one file twice", async () => {
    await expect(prepare({ ...REQUEST, items: [ITEM, { ...ITEM, name: "again" }] })).resolves.toBeDefined();
  });

  test("may be without items, as of a pod whose secrets are all elsewhere", async () => {
    await expect(prepare({ ...REQUEST, items: [] })).resolves.toMatchObject({ items: [] });
  });
});

describe("the text for the env var", () => {
  test("holds no dollar sign, which the kubelet would expand, and is read as it was", async () => {
    const text = formatRequest({ ...REQUEST, items: [{ ...ITEM, name: "$(HOME) $$" }] });
    expect(text).not.toContain("$");
    expect((await prepareRequest(text, builtInProviders)).items[0]?.name).toBe("$(HOME) $$");
  });
});

const withItem = (change: object): unknown => ({ ...REQUEST, items: [{ ...ITEM, ...change }] });
const withFile = (path: string): unknown => withItem({ files: [{ path }] });
const two = (first: object, second: object): unknown => ({
  ...REQUEST,
  items: [
    { ...ITEM, ...first },
    { ...ITEM, name: "other", source: { path: "other" }, ...second },
  ],
});

describe("is wrong, and says where", () => {
  test.each<[string, unknown, RegExp]>([
    ["a list", [], /no JSON object/],
    ["no version", { ...REQUEST, version: undefined }, /it has no version/],
    ["a version of the future", { ...REQUEST, version: 2 }, /has version 2, and this program reads version 1/],
    ["an unknown key", { ...REQUEST, deadline: 3 }, /the request: Unrecognized key: "deadline"/],
    ["an unknown key of an item", withItem({ optional: true }), /items\[0\]: Unrecognized key: "optional"/],
    ["a relative volume", { ...REQUEST, volume: "run" }, /volume: must be absolute/],
    ["a volume with ..", { ...REQUEST, volume: "/run/../etc" }, /volume: must not hold `\.\.`/],
    ["no time", { ...REQUEST, deadlineSeconds: 0 }, /deadlineSeconds: /],
    ["part of a call", { ...REQUEST, concurrency: 1.5 }, /concurrency: /],
    [
      "an unknown kind",
      { ...REQUEST, providers: { local: { use: "vault" } } },
      /providers\.local\.use: there is no provider "vault"/,
    ],
    ["wrong settings", { ...REQUEST, providers: { local: { use: "file" } } }, /providers\.local\.settings\.folder: /],
    ["an unknown provider", withItem({ provider: "aws" }), /items\[0\]\.provider: "aws" is not in providers/],
    [
      "a wrong source",
      withItem({ source: { path: "../x" } }),
      /items\[0\]\.source\.path: has a part that begins with two dots/,
    ],
    ["an item that goes nowhere", withItem({ files: [] }), /items\[0\]: goes nowhere/],
    ["a name of two lines", withItem({ name: "a\nb" }), /items\[0\]\.name: has control characters/],
    [
      "a decimal mode",
      withItem({ files: [{ path: "a", mode: "444" }] }),
      /items\[0\]\.files\[0\]\.mode: is no octal mode/,
    ],
    ["a mode with setuid", withItem({ files: [{ path: "a", mode: "4755" }] }), /mode: is no octal mode/],
    ["an absolute path", withFile("/etc/passwd"), /files\[0\]\.path: must be relative/],
    ["a path that leads out", withFile("a/../../b"), /path: has a part that begins with two dots/],
    ["a path with the kubelet's folder", withFile("..data/a"), /path: has a part that begins with two dots/],
    ["a path with an empty part", withFile("a//b"), /path: has an empty part/],
    ["a path with a slash at its end", withFile("a/"), /path: has an empty part/],
    ["a path with a dot", withFile("./a"), /path: has an empty part/],
    ["a path with a NUL", withFile("a\0b"), /path: has control characters/],
    ["half a character", withFile("a\ud800"), /path: /],
    ["a name that no file system takes", withFile("é".repeat(128)), /path: has a part that is longer than 255 bytes/],
    ["a path that is too long", withFile("abc/".repeat(300)), /path: is longer than 1024 bytes/],
    ["an env file that leads out", withItem({ env: [{ file: "../x", key: "A" }] }), /env\[0\]\.file: has a part/],
    ["an env var with =", withItem({ env: [{ file: "x", key: "A=B" }] }), /env\[0\]\.key: is no env var name/],
    ["an env var of two lines", withItem({ env: [{ file: "x", key: "A\nB" }] }), /env\[0\]\.key: is no env var name/],
    ["a folder that leads out", { ...REQUEST, folders: ["../x"] }, /folders\[0\]: has a part/],
    ["two secrets for one file", two({}, {}), /"warehouse\/password" and "other" both want "warehouse\/password"/],
    [
      "two modes for one file",
      two({}, { source: ITEM.source, files: [{ path: "warehouse/password", mode: "0400" }] }),
      /both want/,
    ],
    [
      "a file where another needs a folder",
      two({}, { files: [{ path: "warehouse/password/x" }] }),
      /both want "warehouse\/password"/,
    ],
    ["a folder where a file is", { ...REQUEST, folders: ["warehouse/password/x"] }, /both want "warehouse\/password"/],
    [
      "two secrets for one env var",
      two({ env: [{ file: "e", key: "A" }] }, { files: [], env: [{ file: "e", key: "A" }] }),
      /both want "A in e"/,
    ],
    [
      "an env file that is a secret too",
      two({}, { files: [], env: [{ file: "warehouse/password", key: "A" }] }),
      /both want/,
    ],
  ])("%s", async (_what, request, message) => {
    await expect(prepare(request)).rejects.toMatchObject({
      kind: "wrong-request",
      message: expect.stringMatching(message),
      fix: expect.stringMatching(/\.$/),
    });
  });

  test.each([
    ["", "no JSON"],
    ["{", "no JSON"],
    ["null", "no JSON"],
  ])("%j is %s", async (text) => {
    await expect(prepareRequest(text, builtInProviders)).rejects.toMatchObject({ kind: "wrong-request" });
  });

  test("and names a few of many mistakes at once", async () => {
    const items = Array.from({ length: 9 }, () => ({ ...ITEM, name: "" }));
    await expect(prepare({ ...REQUEST, items })).rejects.toThrow(/items\[4\]\.name: .*; and 4 more/);
  });
});
