/** The suite is worth what it catches: each check is shown to fail on the fault that it is meant for. */
import { afterAll, describe, expect, test } from "vitest";

import { conformanceChecks, type Subject } from "../src/index.ts";
import { BROKEN_CONFLICTS } from "./injectors/broken-conflicts.ts";
import { BROKEN_PLUGINS, TIMERS } from "./injectors/broken-plugins.ts";
import { BROKEN_RESULTS } from "./injectors/broken-results.ts";
import type { Broken } from "./injectors/broken.ts";
import { FETCHER_CASES, fetcherInjector } from "./injectors/fetcher.ts";
import { SAMPLE_CASES, sampleInjector } from "./injectors/sample.ts";

const ALL: readonly Broken[] = [...BROKEN_PLUGINS, ...BROKEN_RESULTS, ...BROKEN_CONFLICTS];

/** The same random pods each time: a fault that is rare must not be found on some days only. */
const LOOK = { runs: 300, seed: 20_260_714 };

afterAll(() => {
  for (const timer of TIMERS) clearInterval(timer);
});

describe("an injector with one fault", () => {
  for (const broken of ALL) {
    test(`${broken.fault}: caught by ${broken.caughtBy}`, { timeout: 60_000 }, async () => {
      const findings = await findingsOf(broken);
      expect(findings.join("\n")).toMatch(broken.says);
    });
  }
});

test("each check catches one of these faults", () => {
  const subjects = [
    { plugin: sampleInjector, cases: SAMPLE_CASES },
    { plugin: fetcherInjector, cases: FETCHER_CASES },
  ];
  const checks = new Set(subjects.flatMap((subject) => conformanceChecks({ ...LOOK, ...subject })).map(({ id }) => id));
  const caught = new Set(ALL.map(({ caughtBy }) => caughtBy));
  expect([...caught].toSorted()).toEqual([...checks].toSorted());
});

test("a suite without a request to try proves nothing, and says so", () => {
  const subject = { ...LOOK, plugin: sampleInjector, cases: { injects: [] } };
  expect(() => conformanceChecks(subject)).toThrow("injects is empty");
});

/** What the check that is meant for the fault says about it. */
async function findingsOf({ plugin, cases, caughtBy }: Broken): Promise<readonly string[]> {
  const subject: Subject = { plugin, cases, ...LOOK };
  const findings: string[] = [];
  for (const { id, run } of conformanceChecks(subject)) {
    if (id !== caughtBy) continue;
    await run(subject).catch((error: unknown) => findings.push(messageOf(error)));
  }
  return findings;
}

/** With what is below it: fast-check wraps the error of a check. */
function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message}\n${messageOf(error.cause)}`;
}
