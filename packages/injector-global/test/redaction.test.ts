import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { inspect } from "node:util";

import type { LogFields } from "@pod-secrets/core";
import { injectionContext, secretRequest, testHost, testPod } from "@pod-secrets/injector-testkit";
import { expect, test, vi } from "vitest";

import { secretValue } from "../src/secret-value.ts";
import { openGlobal } from "./open-global.ts";
import { writeFiles } from "./secret-volume.ts";
import { secretsDirectory } from "./secrets-directory.ts";

const CANARY = "c4n4ry-9f2b";

test("a value prints as [redacted], whichever way it is printed", () => {
  const value = secretValue(CANARY);
  expect(value.reveal()).toBe(CANARY);
  // oxlint-disable-next-line typescript/no-base-to-string -- just what must not show the value
  expect(String(value)).toBe("[redacted]");
  expect(JSON.stringify({ value })).toBe('{"value":"[redacted]"}');
  expect(inspect({ value }, { depth: null, showHidden: true })).toBe("{ value: [redacted] }");
});

test("no value is in the injector, however it is printed", async () => {
  const injector = await openGlobal({
    env: { FLYTE_SECRET_A_B: CANARY },
    directory: secretsDirectory({ "group/key": CANARY }),
  });
  const printed = inspect(injector, { depth: null, showHidden: true }) + JSON.stringify(injector);
  expect(printed).not.toContain(CANARY);
});

test("no value is in the log, at any level, whatever happens to the files", async () => {
  const lines: unknown[] = [];
  const line = (message: string, fields?: LogFields): void => void lines.push(message, fields);
  const host = { ...testHost(), log: { debug: line, info: line, warn: line, error: line } };
  const root = secretsDirectory({
    "group/key": CANARY,
    "group/binary": Buffer.concat([Buffer.from(CANARY), Buffer.of(0xff)]),
    "group/large": CANARY.repeat(100_000),
  });
  symlinkSync(join(secretsDirectory({ outside: CANARY }), "outside"), join(root, "group/link"));
  const injector = await openGlobal({ env: { FLYTE_SECRET_A_B: CANARY }, directory: root }, host);
  const pod = testPod();
  for (const key of ["key", "binary", "large", "link", "missing"]) {
    for (const mountRequirement of ["ANY", "FILE"] as const) {
      const request = secretRequest({ group: "group", key, mountRequirement });
      const injection = await injector.inject(pod, request, injectionContext(pod));
      if (injection.outcome !== "injected") expect(JSON.stringify(injection)).not.toContain(CANARY);
    }
  }
  const before = lines.length;
  mkdirSync(join(root, "new"));
  writeFiles(root, { "new/key": CANARY });
  await vi.waitFor(() => expect(lines.length).toBeGreaterThan(before), 5000);
  expect(lines.length).toBeGreaterThan(3);
  expect(inspect(lines, { depth: null })).not.toContain(CANARY);
});
