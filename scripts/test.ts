/**
 * `npm test`: everything that must hold, one line per step, and at the end `N passed, N failed`.
 *
 * Each check counts as one, and so does each test. A failed step does not stop the next ones. What a step said in
 * full stands in `.tools/logs/`.
 */
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { styleText } from "node:util";
import { REPORT_FILE_VARIABLE, type VitestReport } from "./vitest-report.ts";

interface Check {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
}

interface Outcome {
  readonly code: number;
  readonly output: string;
  readonly seconds: number;
}

interface Count {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

const CHECKS: readonly Check[] = [
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

const root = join(import.meta.dirname, "..");
const logs = join(root, ".tools", "logs");

/** Lines of a failed step, and failed tests, that are shown; the rest is in the log. */
const SHOWN_LINES = 60;
const SHOWN_TESTS = 20;

/** How often each property is tried in CI; a developer does not want to wait for that. */
const CI_PROPERTY_RUNS = "10000";

function run(check: Check, environment: NodeJS.ProcessEnv = process.env): Promise<Outcome> {
  const start = performance.now();
  const progress = showProgress(check.name, start);
  return new Promise((done, failed) => {
    const child = spawn(check.command, check.args, { cwd: root, env: environment, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    const collect = (chunk: Buffer): void => void (output += chunk.toString());
    child.stdout.on("data", collect);
    child.stderr.on("data", collect);
    child.on("error", failed);
    child.on("close", (code) => {
      progress.stop();
      writeFileSync(logFile(check.name), output);
      done({ code: code ?? 1, output, seconds: (performance.now() - start) / 1000 });
    });
  });
}

/** On a terminal, one line that counts the seconds, until the step's own line takes its place. */
function showProgress(name: string, start: number): { readonly stop: () => void } {
  if (!process.stdout.isTTY) return { stop: () => undefined };
  const show = (): void => {
    process.stdout.write(`\r${name.padEnd(12)} ...    ${((performance.now() - start) / 1000).toFixed(0)} s`);
  };
  show();
  const timer = setInterval(show, 1000);
  return {
    stop() {
      clearInterval(timer);
      process.stdout.write(CLEAR_LINE);
    },
  };
}

const CLEAR_LINE = "\r\u001b[K";

function testEnvironment(reportFile: string): NodeJS.ProcessEnv {
  const runs = process.env["CI"] === undefined ? {} : { POD_SECRETS_PROPERTY_RUNS: CI_PROPERTY_RUNS };
  return { ...runs, ...process.env, [REPORT_FILE_VARIABLE]: reportFile, NO_COLOR: "1" };
}

function logFile(name: string): string {
  return join(logs, `${name.replaceAll(" ", "-")}.log`);
}

function print(name: string, ok: boolean, detail: string): void {
  const mark = ok ? styleText("green", "ok    ") : styleText("red", "FAILED");
  process.stdout.write(`${name.padEnd(12)} ${mark} ${detail}\n`);
}

function printDetails(details: string): void {
  const lines = details.trimEnd().split("\n");
  const hidden = lines.length - SHOWN_LINES;
  const shown = hidden > 0 ? [...lines.slice(0, SHOWN_LINES), `... ${hidden} more lines`] : lines;
  process.stdout.write(`${shown.map((text) => `    ${text}`).join("\n")}\n`);
}

async function runCheck(check: Check): Promise<Count> {
  const { code, output, seconds } = await run(check);
  print(check.name, code === 0, `${seconds.toFixed(1)} s`);
  if (code === 0) return { passed: 1, failed: 0, skipped: 0 };
  printDetails(`${output.trimEnd()}\n(full text: ${logFile(check.name)})`);
  return { passed: 0, failed: 1, skipped: 0 };
}

/** All tests of all packages, and as one more check what vitest holds against the run: coverage below its threshold. */
async function runTests(): Promise<Count> {
  const file = join(logs, "tests.json");
  rmSync(file, { force: true });
  const check: Check = {
    name: "tests",
    command: "vitest",
    args: ["run", "--coverage", "--reporter=default", "--reporter=./scripts/vitest-report.ts"],
  };
  const outcome = await run(check, testEnvironment(file));
  if (!existsSync(file)) {
    print("tests", false, `${outcome.seconds.toFixed(1)} s, vitest ended without a report`);
    printDetails(outcome.output);
    return { passed: 0, failed: 1, skipped: 0 };
  }
  // Written by our own reporter a moment ago.
  const report = JSON.parse(readFileSync(file, "utf8")) as VitestReport;
  return add(countTests(report, outcome.seconds), checkCoverage(report, outcome));
}

function countTests(report: VitestReport, seconds: number): Count {
  const count = { passed: report.passed, failed: report.failed.length, skipped: report.skipped.length };
  const some = count.passed + count.failed > 0;
  print("tests", some && count.failed === 0, `${seconds.toFixed(1)} s, ${line(count)}`);
  for (const { test, message } of report.failed.slice(0, SHOWN_TESTS)) printDetails(`${test}\n${message}`);
  if (count.failed > 0) printDetails(`(full text: ${logFile("tests")})`);
  for (const [reason, tests] of Map.groupBy(report.skipped, (skipped) => `${skipped.file}: ${skipped.reason}`)) {
    printDetails(`skipped ${tests.length} of ${reason}`);
  }
  if (!some) printDetails("No test ran.");
  return some ? count : { ...count, failed: 1 };
}

function checkCoverage(report: VitestReport, { code, output }: Outcome): Count {
  const complaints = output.match(/^ERROR: Coverage .*$/gm) ?? [];
  const isExplained = complaints.length > 0 || report.failed.length > 0 || code === 0;
  const ok = complaints.length === 0 && isExplained;
  print("coverage", ok, coverage());
  if (!ok) printDetails(isExplained ? complaints.join("\n") : `vitest ended with code ${code}:\n${output}`);
  return { passed: ok ? 1 : 0, failed: ok ? 0 : 1, skipped: 0 };
}

function coverage(): string {
  const file = join(root, "coverage", "coverage-summary.json");
  if (!existsSync(file)) return "no report";
  const { total } = JSON.parse(readFileSync(file, "utf8")) as { total: { lines: { pct: number } } };
  return `${total.lines.pct} % of lines`;
}

function add(left: Count, right: Count): Count {
  return {
    passed: left.passed + right.passed,
    failed: left.failed + right.failed,
    skipped: left.skipped + right.skipped,
  };
}

function line({ passed, failed, skipped }: Count): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
}

mkdirSync(logs, { recursive: true });
let total: Count = { passed: 0, failed: 0, skipped: 0 };
for (const check of CHECKS) total = add(total, await runCheck(check));
total = add(total, await runTests());
process.stdout.write(`${line(total)}\n`);
process.exitCode = total.failed > 0 ? 1 : 0;
