/** What becomes of skipped tests in the report that `npm test` and `npm run e2e` count by. */
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";

import { REPORT_FILE_VARIABLE, type VitestReport } from "../vitest-report.ts";

const root = join(import.meta.dirname, "../..");

test("a skipped test counts with its reason, and as failed without one", async () => {
  const folder = mkdtempSync(join(tmpdir(), "vitest-report-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "report.json");
  const args = ["run", "--root", join(import.meta.dirname, "fixtures/skips")];
  const reporter = `--reporter=${join(root, "scripts/vitest-report.ts")}`;
  const foreign = Object.entries(process.env).filter(([name]) => !name.startsWith("VITEST"));
  const env = { ...Object.fromEntries(foreign), [REPORT_FILE_VARIABLE]: file };
  await promisify(execFile)(process.execPath, [join(root, "node_modules/vitest/vitest.mjs"), ...args, reporter], {
    env,
  });
  const { passed, failed, skipped } = JSON.parse(readFileSync(file, "utf8")) as VitestReport;
  expect(passed).toBe(1);
  expect(skipped.map(({ reason }) => reason)).toEqual(["it is Sunday", "there is no tractor. Buy one."]);
  expect(failed).toMatchObject([{ test: expect.stringContaining("is left out") }]);
  expect(failed[0]?.message).toContain("skipped without a reason");
});
