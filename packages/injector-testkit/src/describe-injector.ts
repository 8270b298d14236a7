/** The suite as vitest tests. */
import { describe, test } from "vitest";

import type { InjectorPlugin } from "@pod-secrets/core";

import type { Check, InjectorCases, Subject } from "./conformance/cases.ts";
import { conformanceChecks } from "./conformance/checks.ts";
import { propertyRuns, propertySeed } from "./property-runs.ts";

/**
 * Describes an injector by what the contract asks of it: one test per rule. Call it at the top of a test file.
 */
export function describeInjector(plugin: InjectorPlugin, cases: InjectorCases): void {
  const seed = propertySeed();
  const subject: Subject = { plugin, cases, runs: propertyRuns(), ...(seed === undefined ? {} : { seed }) };
  const bySubject = Map.groupBy(conformanceChecks(subject), ({ id }) => id.slice(0, id.indexOf("/")));
  describe(`injector ${plugin.name}`, () => {
    for (const [name, checks] of bySubject) {
      describe(name.replaceAll("-", " "), () => {
        for (const check of checks) runCheck(check, subject);
      });
    }
  });
}

/** Vitest stops a test after 5 s; ten thousand runs of a property on a busy machine take longer. */
function runCheck({ title, run }: Check, subject: Subject): void {
  const timeout = 30_000 + subject.runs * 20;
  // oxlint-disable-next-line vitest/expect-expect -- a check throws what is wrong
  test(title, { timeout }, () => run(subject));
}
