/**
 * `npm test`: everything that must hold, one line per step, and at the end `N passed, N failed`.
 *
 * Each check counts as one, and so does each test. A failed step does not stop the next ones. What a step said in
 * full stands in `.tools/logs/`.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import {
  add,
  countTests,
  line,
  print,
  printDetails,
  runCheck,
  runVitest,
  type Count,
  type Step,
  type TestRun,
} from "./steps.ts";

const CHECKS: readonly Step[] = [
  { name: "build", command: "turbo", args: ["run", "build", "--output-logs=errors-only", "--log-order=grouped"] },
  {
    name: "types",
    command: "turbo",
    args: ["run", "typecheck", "--output-logs=errors-only", "--log-order=grouped", "--continue"],
  },
  { name: "lint", command: "oxlint", args: [] },
  { name: "format", command: "oxfmt", args: ["--check", "."] },
  { name: "boundaries", command: "turbo", args: ["boundaries"] },
  { name: "unused code", command: "knip", args: ["--no-progress", "--treat-config-hints-as-errors"] },
  {
    name: "packages",
    command: "turbo",
    args: ["run", "check:package", "--output-logs=errors-only", "--log-order=grouped", "--continue"],
  },
];

/** How often each property is tried in CI; a developer does not want to wait for that. */
const CI_PROPERTY_RUNS = "10000";

/** All tests of all packages, and as one more check what vitest holds against the run: coverage below its threshold. */
async function runTests(): Promise<Count> {
  const runs = process.env["CI"] === undefined ? {} : { POD_SECRETS_PROPERTY_RUNS: CI_PROPERTY_RUNS };
  const step: Step = { name: "tests", command: "vitest", args: ["run", "--coverage"] };
  const tests = await runVitest(step, { ...runs, ...process.env });
  return add(countTests("tests", tests), checkCoverage(tests));
}

function checkCoverage({ report, outcome }: TestRun): Count {
  const { code, output } = outcome;
  const complaints = output.match(/^ERROR: Coverage .*$/gm) ?? [];
  const isExplained = complaints.length > 0 || (report?.failed.length ?? 1) > 0 || code === 0;
  const ok = complaints.length === 0 && isExplained;
  print("coverage", ok, coverage());
  if (!ok) printDetails(isExplained ? complaints.join("\n") : `vitest ended with code ${code}:\n${output}`);
  return { passed: ok ? 1 : 0, failed: ok ? 0 : 1, skipped: 0 };
}

function coverage(): string {
  const file = join(import.meta.dirname, "..", "coverage", "coverage-summary.json");
  if (!existsSync(file)) return "no report";
  const { total } = JSON.parse(readFileSync(file, "utf8")) as { total: { lines: { pct: number } } };
  return `${total.lines.pct} % of lines`;
}

let total: Count = { passed: 0, failed: 0, skipped: 0 };
for (const check of CHECKS) total = add(total, await runCheck(check));
total = add(total, await runTests());
process.stdout.write(`${line(total)}\n`);
process.exitCode = total.failed > 0 ? 1 : 0;
