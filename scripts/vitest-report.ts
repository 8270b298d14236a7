import { writeFileSync } from "node:fs";
import { relative } from "node:path";
import type { SerializedError } from "vitest";
import type { Reporter, TestCase, TestModule } from "vitest/node";

/** What `npm test` needs to know of a run of vitest. */
export interface VitestReport {
  readonly passed: number;
  /** Failed tests, tests skipped without a reason, and errors outside tests: a file that cannot be loaded, say. */
  readonly failed: readonly { readonly test: string; readonly message: string }[];
  readonly skipped: readonly { readonly file: string; readonly reason: string }[];
}

type Entry =
  | { readonly state: "passed" }
  | { readonly state: "failed"; readonly test: string; readonly message: string }
  | { readonly state: "skipped"; readonly file: string; readonly reason: string };

/** Where the report goes: the environment variable that `npm test` sets. */
export const REPORT_FILE_VARIABLE = "POD_SECRETS_VITEST_REPORT";

/** Writes a {@link VitestReport}: vitest's own JSON has neither the reason of a skipped test nor errors outside tests. */
export default class VitestReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    const file = process.env[REPORT_FILE_VARIABLE];
    if (file === undefined) throw new Error(`${REPORT_FILE_VARIABLE} is not set`);
    const entries = [
      ...modules.flatMap((module) => [...module.children.allTests()].map(entryOf)),
      ...modules.flatMap(errorsOf),
      ...unhandled.map((error) => failure("outside a test", [error])),
    ];
    const report: VitestReport = {
      passed: entries.filter(({ state }) => state === "passed").length,
      failed: entries.filter((entry) => entry.state === "failed"),
      skipped: entries.filter((entry) => entry.state === "skipped"),
    };
    writeFileSync(file, JSON.stringify(report));
  }
}

function entryOf(test: TestCase): Entry {
  const title = `${fileOf(test.module)} > ${test.fullName}`;
  const result = test.result();
  switch (result.state) {
    case "passed":
      return { state: "passed" };
    case "failed":
      return failure(title, result.errors);
    case "skipped":
      return skipped(test, title, result.note ?? test.meta().skipReason);
    case "pending":
      return { state: "failed", test: title, message: "did not finish" };
  }
}

function skipped(test: TestCase, title: string, reason: string | undefined): Entry {
  if (reason !== undefined) return { state: "skipped", file: fileOf(test.module), reason };
  const message = 'skipped without a reason: use context.skip("why"), or "needing" of @pod-secrets/cluster';
  return { state: "failed", test: title, message };
}

/** Errors while a file was loaded or a suite set up: its tests never ran. */
function errorsOf(module: TestModule): readonly Entry[] {
  const errors = [...module.errors(), ...[...module.children.allSuites()].flatMap((suite) => suite.errors())];
  return errors.length > 0 ? [failure(fileOf(module), errors)] : [];
}

function failure(test: string, errors: readonly SerializedError[]): Entry {
  const text = errors.map((error) => error.stack ?? error.message).join("\n");
  const own = text.split("\n").filter((line) => !/^\s+at .*(node_modules|node:internal|<anonymous>)/.test(line));
  return { state: "failed", test, message: own.join("\n") };
}

function fileOf(module: TestModule): string {
  return relative(process.cwd(), module.moduleId);
}
