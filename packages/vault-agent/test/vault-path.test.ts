import { expect, test } from "vitest";

import { isMountOnly, pathFault, vaultPath } from "../src/vault-path.ts";

const quoted = { isQuoted: true };

test.each([
  "secret/app",
  "secret/data/app",
  "foo",
  "a/b/c/d/e",
  "secret/My App",
  "secret/ünïcödé/日本",
  'secret/a"b\\c',
  "secret/a:b",
  "secret/}}{{",
  "secret/$(HOME)",
  "secret/a%20b",
  "secret/a%3Fb",
  "secret/...",
  "__proto__/constructor",
])("%j is a path", (path) => {
  expect(pathFault(path, quoted)).toBeUndefined();
});

test.each([
  ["/secret/app", "empty part"],
  ["secret//app", "empty part"],
  ["secret/app/", "empty part"],
  ["secret/../sys", "empty part"],
  ["./secret", "empty part"],
  ["secret/%2e%2e/sys", "empty part"],
  ["secret/%2E/app", "empty part"],
  ["secret/a%2F%2Fb", "empty part"],
  ["secret/app\n", "control characters"],
  ["secret/\u0000", "control characters"],
  ["secret/\ud800", "control characters"],
  ["secret/%00", "control characters"],
  [" secret/app", "white space"],
  ["secret/app\u00a0", "white space"],
  ["secret/app#1", "#"],
  ["secret/100%", "%"],
  ["secret/%zz", "%"],
  ["secret/%ff", "%"],
  ["https://vault/secret", "colon"],
  ["arn:aws:secretsmanager:us-east-2:1:secret", "colon"],
  ["secret/app?version=3", "?"],
  ["?version=3", "?"],
  ["s".repeat(1025), "1024"],
])("%.40j is none: it says %j", (path, why) => {
  expect(pathFault(path, quoted)).toContain(why);
});

test("an engine says what may follow a ?", () => {
  const rules = { query: /^version=[0-9]+$/, isQuoted: true };
  expect(pathFault("secret/app?version=3", rules)).toBeUndefined();
  expect(pathFault("secret/app?version=3?version=4", rules)).toBe("what follows the ? is not understood");
  expect(pathFault("secret/app?list=true", rules)).toBe("what follows the ? is not understood");
  expect(pathFault("secret/app?", rules)).toBe("what follows the ? is not understood");
  expect(pathFault("?version=3", rules)).toContain("empty part");
});

test("a path that nobody quotes has neither a quote nor a backslash, also behind a ?", () => {
  const rules = { query: /.*/, isQuoted: false };
  expect(pathFault("database/creds/app", rules)).toBeUndefined();
  for (const path of ['a/"b', "a/b\\", 'a/b?x="'])
    expect(pathFault(path, rules)).toBe('the agent cannot read " and \\ in it');
});

test("one slash at the end of a group is not part of the path", () => {
  expect(vaultPath("secret/app/")).toBe("secret/app");
  expect(vaultPath("secret/app")).toBe("secret/app");
  expect(pathFault(vaultPath("secret/app//"), quoted)).toContain("empty part");
  expect(pathFault(vaultPath("/"), quoted)).toContain("empty part");
});

test("a path without a slash is only a mount, whatever is asked of it", () => {
  expect(isMountOnly("secret")).toBe(true);
  expect(isMountOnly("secret?version=1/2")).toBe(true);
  expect(isMountOnly("secret/app")).toBe(false);
});
