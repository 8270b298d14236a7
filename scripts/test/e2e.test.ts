/** What `npm run e2e` comes to where nothing can run: by its command, on a machine without Go. */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";

import { countTests } from "../steps.ts";

const root = join(import.meta.dirname, "../..");

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Neither Go nor a Kubernetes that was built before. */
function e2e(...args: readonly string[]): Promise<Ended> {
  const home = mkdtempSync(join(tmpdir(), "no-go-"));
  onTestFinished(() => rmSync(home, { recursive: true }));
  const path = [join(root, "node_modules/.bin"), dirname(process.execPath)].join(delimiter);
  const env = { PATH: path, HOME: home, GOROOT: join(home, "go"), NO_COLOR: "1" };
  return new Promise((resolve) => {
    execFile(process.execPath, [join(root, "scripts/e2e.ts"), ...args], { env, cwd: root }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
}

test("tests that need a Kubernetes are skipped where there is none, with the reason: no failure", async () => {
  const { code, stdout } = await e2e("registration");
  expect(stdout).toMatch(/skipped \d of test\/registration.*: the programs of Kubernetes are not built/s);
  expect(stdout).toMatch(/\n0 passed, 0 failed, [1-9] skipped\n$/);
  expect(code).toBe(0);
});

test.each([[["no-such-file"]], [["registration", "no-such-file"]]])(
  "a name that no file has is a failure, before anything is built: %j",
  async (names) => {
    const { code, stdout } = await e2e(...names);
    expect(stdout).toMatch(/No test file has "no-such-file" in its path\. See them: ls e2e\/test e2e\/cluster\/test/);
    expect(stdout).toMatch(/\n0 passed, 1 failed\n$/);
    expect(code).toBe(1);
  },
);

test("a run in which all tests were skipped with a reason is no failure", () => {
  const written: string[] = [];
  const write = vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    written.push(String(text));
    return true;
  });
  onTestFinished(() => write.mockRestore());
  const outcome = { code: 0, output: "", seconds: 1 };
  const skipped = [{ file: "test/node.test.ts", reason: "it needs root" }];
  expect(countTests("e2e", { outcome, report: { passed: 0, failed: [], skipped } })).toEqual({
    passed: 0,
    failed: 0,
    skipped: 1,
  });
  expect(written.join("")).toMatch(
    /ok .*0 passed, 0 failed, 1 skipped\n.*skipped 1 of test\/node.test.ts: it needs root/,
  );
  expect(countTests("e2e", { outcome, report: { passed: 0, failed: [], skipped: [] } })).toMatchObject({ failed: 1 });
});
