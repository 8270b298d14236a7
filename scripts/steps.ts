/** Steps of a run that checks the project: started one after the other, one line each, and counted. */
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { styleText } from "node:util";
import { REPORT_FILE_VARIABLE, type VitestReport } from "./vitest-report.ts";

/** A program to run, and what its line is called. */
export interface Step {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Shows on standard error what it says while it runs: for what takes many minutes. */
  readonly live?: boolean;
}

export interface Outcome {
  readonly code: number;
  readonly output: string;
  readonly seconds: number;
}

export interface Count {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

const root = join(import.meta.dirname, "..");
/** What a step said in full. */
const logs = join(root, ".tools", "logs");

/** Lines of a failed step, and failed tests, that are shown; the rest is in the log. */
const SHOWN_LINES = 60;
const SHOWN_TESTS = 20;

async function run(step: Step, environment: NodeJS.ProcessEnv = process.env): Promise<Outcome> {
  mkdirSync(logs, { recursive: true });
  const start = performance.now();
  const progress = step.live === true ? NO_PROGRESS : showProgress(step.name, start);
  return new Promise((done, failed) => {
    const child = spawn(step.command, step.args, { cwd: root, env: environment, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    const collect = (chunk: Buffer): void => {
      output += chunk.toString();
      if (step.live === true) process.stderr.write(chunk);
    };
    child.stdout.on("data", collect);
    child.stderr.on("data", collect);
    child.on("error", failed);
    child.on("close", (code) => {
      progress.stop();
      writeFileSync(logFile(step.name), output);
      done({ code: code ?? 1, output, seconds: (performance.now() - start) / 1000 });
    });
  });
}

/** On a terminal, one line that counts the seconds, until the step's own line takes its place. */
function showProgress(name: string, start: number): { readonly stop: () => void } {
  if (!process.stdout.isTTY) return NO_PROGRESS;
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

const NO_PROGRESS = { stop: (): void => undefined };
const CLEAR_LINE = "\r\u001b[K";

function logFile(name: string): string {
  return join(logs, `${name.replaceAll(" ", "-")}.log`);
}

export function print(name: string, ok: boolean, detail: string): void {
  const mark = ok ? styleText("green", "ok    ") : styleText("red", "FAILED");
  process.stdout.write(`${name.padEnd(12)} ${mark} ${detail}\n`);
}

export function printDetails(details: string): void {
  const lines = details.trimEnd().split("\n");
  const hidden = lines.length - SHOWN_LINES;
  const shown = hidden > 0 ? [...lines.slice(0, SHOWN_LINES), `... ${hidden} more lines`] : lines;
  process.stdout.write(`${shown.map((text) => `    ${text}`).join("\n")}\n`);
}

/** Runs a step that counts as one. */
export async function runCheck(step: Step): Promise<Count> {
  const { code, output, seconds } = await run(step);
  print(step.name, code === 0, `${seconds.toFixed(1)} s`);
  if (code === 0) return { passed: 1, failed: 0, skipped: 0 };
  printDetails(`${output.trimEnd()}\n(full text: ${logFile(step.name)})`);
  return { passed: 0, failed: 1, skipped: 0 };
}

/** What a run of vitest came to; no report when it ended before it could write one. */
export interface TestRun {
  readonly outcome: Outcome;
  readonly report: VitestReport | undefined;
}

/** Runs vitest with our reporter. */
export async function runVitest(step: Step, environment: NodeJS.ProcessEnv): Promise<TestRun> {
  const file = join(logs, `${step.name.replaceAll(" ", "-")}.json`);
  rmSync(file, { force: true });
  const reporters = ["--reporter=default", `--reporter=${join(import.meta.dirname, "vitest-report.ts")}`];
  const withReport = { ...step, args: [...step.args, ...reporters] };
  const outcome = await run(withReport, { ...environment, [REPORT_FILE_VARIABLE]: file, NO_COLOR: "1" });
  // Written by our own reporter a moment ago.
  const report = existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as VitestReport) : undefined;
  return { outcome, report };
}

/** Counts tests and prints what failed, and why some were skipped. */
export function countTests(name: string, { outcome, report }: TestRun): Count {
  if (report === undefined) {
    print(name, false, `${outcome.seconds.toFixed(1)} s, vitest ended without a report`);
    printDetails(outcome.output);
    return { passed: 0, failed: 1, skipped: 0 };
  }
  const count = { passed: report.passed, failed: report.failed.length, skipped: report.skipped.length };
  // Those that were skipped have said why; those that have not are among the failed.
  const some = count.passed + count.failed + count.skipped > 0;
  print(name, some && count.failed === 0, `${outcome.seconds.toFixed(1)} s, ${line(count)}`);
  for (const { test, message } of report.failed.slice(0, SHOWN_TESTS)) printDetails(`${test}\n${message}`);
  if (count.failed > 0) printDetails(`(full text: ${logFile(name)})`);
  for (const [reason, tests] of Map.groupBy(report.skipped, (skipped) => `${skipped.file}: ${skipped.reason}`)) {
    printDetails(`skipped ${tests.length} of ${reason}`);
  }
  if (!some) printDetails("No test ran.");
  return some ? count : { ...count, failed: 1 };
}

/** Both together. */
export function add(left: Count, right: Count): Count {
  return {
    passed: left.passed + right.passed,
    failed: left.failed + right.failed,
    skipped: left.skipped + right.skipped,
  };
}

/** The plain line that a run ends with. */
export function line({ passed, failed, skipped }: Count): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
}
