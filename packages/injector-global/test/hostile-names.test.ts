import { symlinkSync } from "node:fs";
import { join } from "node:path";

import { injectionContext, observeIo, secretRequest, testPod } from "@pod-secrets/injector-testkit";
import fc from "fast-check";
import { expect, test } from "vitest";

import { openGlobal } from "./open-global.ts";
import { secretsDirectory } from "./secrets-directory.ts";

const RUNS = 100_000;

/** What paths are made of, and what is taken for it by somebody. */
const part = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom("..", ".", "/", "\\", "group", "key", "outside", "linked", "etc", "passwd") },
  {
    weight: 2,
    arbitrary: fc.constantFrom("%2e", "%2f", "%5c", "\0", "\u2024", "\u2025", "\uff0e", "\uff0f", "\u2215"),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom("..data", "~", "file:", "C:", "proc/self/environ", "\n", "\ud800", "-", "_"),
  },
  { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 8 }) },
);
const name = fc.oneof(
  fc.array(part, { maxLength: 8 }).map((parts) => parts.join("")),
  fc.array(part, { maxLength: 8 }).map((parts) => parts.join("/")),
  fc.integer({ min: 1, max: 5000 }).map((depth) => "../".repeat(depth)),
  fc.constantFrom("group", "key", "linked-key"),
);

test("no group and key read anything but the files of the directory", { timeout: 120_000 }, async () => {
  const parent = secretsDirectory({
    "secrets/group/key": "inside-7f3a",
    "secrets/group/..data/key": "canary-9c1e",
    "secrets/.hidden/key": "canary-9c1e",
    "secrets/group/nested/key": "canary-9c1e",
    "secrets/key": "canary-9c1e",
    "outside/key": "canary-9c1e",
    "secrets-2/key": "canary-9c1e",
    key: "canary-9c1e",
  });
  const root = join(parent, "secrets");
  symlinkSync("../outside", join(root, "linked"));
  symlinkSync(join(parent, "outside/key"), join(root, "group/linked-key"));
  symlinkSync("/proc/self/environ", join(root, "group/environ"));
  const injector = await openGlobal({ directory: root });
  const pod = testPod();
  const context = injectionContext(pod);
  let found = 0;
  const askForAll = (): void => fc.assert(fc.property(name, name, askFor), { numRuns: RUNS });
  const askFor = (group: string, key: string): void => {
    const injection = injector.inject(pod, secretRequest({ group, key }), context);
    const text = JSON.stringify(injection);
    if (group === "group" && key === "key") {
      found++;
      expect(text).toContain("inside-7f3a");
    } else {
      expect(injection).toHaveProperty("outcome", "skipped");
      expect(text).not.toContain("canary");
    }
  };
  const { touched } = await observeIo(askForAll);
  expect(touched.filter((what) => what.startsWith("fs"))).toEqual([]);
  expect(found).toBeGreaterThan(100);
});
