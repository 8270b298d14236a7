import { writeFileSync } from "node:fs";
import { relative } from "node:path";
import type { SerializedError } from "vitest";
import type { Reporter, TestCase, TestModule } from "vitest/node";

/** What `npm test` needs to know of a run of vitest. */
export interface VitestReport {
  readonly passed: number;
  readonly failed: readonly { readonly test: string; readonly message: string }[];
  readonly skipped: readonly { readonly test: string; readonly reason: string | undefined }[];
  /** Errors outside a test: a file that cannot be loaded, a promise that nobody awaited. */
  readonly errors: readonly { readonly where: string; readonly message: string }[];
}

/** Where the report goes: the environment variable that `npm test` sets. */
export const REPORT_FILE_VARIABLE = "POD_SECRETS_VITEST_REPORT";

/** Writes a {@link VitestReport}: vitest's own JSON has neither the reason of a skipped test nor errors outside tests. */
export default class VitestReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    const file = process.env[REPORT_FILE_VARIABLE];
    if (file === undefined) throw new Error(`${REPORT_FILE_VARIABLE} is not set`);
    writeFileSync(file, JSON.stringify(report(modules, unhandled)));
  }
}

function report(modules: readonly TestModule[], unhandled: readonly SerializedError[]): VitestReport {
  const tests = modules.flatMap((module) => [...module.children.allTests()]);
  return {
    passed: tests.filter((test) => test.result().state === "passed").length,
    failed: tests
      .filter((test) => test.result().state === "failed" || test.result().state === "pending")
      .map((test) => ({ test: title(test), message: messages(test.result().errors ?? []) || "did not finish" })),
    skipped: tests.flatMap((test) => {
      const result = test.result();
      return result.state === "skipped" ? [{ test: title(test), reason: result.note }] : [];
    }),
    errors: [
      ...modules.flatMap((module) => {
        const suites = [...module.children.allSuites()].flatMap((suite) => suite.errors());
        const errors = [...module.errors(), ...suites];
        return errors.length > 0 ? [{ where: fileOf(module), message: messages(errors) }] : [];
      }),
      ...unhandled.map((error) => ({ where: "outside a test", message: messages([error]) })),
    ],
  };
}

function title(test: TestCase): string {
  return `${fileOf(test.module)} > ${test.fullName}`;
}

function fileOf(module: TestModule): string {
  return relative(process.cwd(), module.moduleId);
}

function messages(errors: readonly SerializedError[]): string {
  return errors.map((error) => error.stack ?? error.message).join("\n");
}
