import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { beforeAll, describe, expect, test } from "vitest";

const root = join(import.meta.dirname, "../..");
const echo = "scripts/test/fixtures/echo.ts";

interface Result {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function start(args: readonly string[], environment: NodeJS.ProcessEnv = {}): ChildProcess {
  const options = { cwd: import.meta.dirname, env: { ...process.env, ...environment } };
  return spawn(process.execPath, [join(root, "scripts/bootstrap.mjs"), ...args], options);
}

async function finish(child: ChildProcess): Promise<Result> {
  if (child.stdout === null || child.stderr === null) throw new Error("started without pipes");
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
  return { code, stdout, stderr };
}

describe("the bootstrap script", () => {
  // Once, so that the tests below find a machine on which nothing is to do.
  beforeAll(() => finish(start([])), 120_000);

  test("prints nothing of its own when nothing is to do", async () => {
    const { code, stdout, stderr } = await finish(start([echo, "exit", "0"]));
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: "", stderr: "" });
  });

  test("runs a script at the root, under the Node that the project names or a newer one", async () => {
    const { stdout } = await finish(start([echo, "--config", "two words", "--", "-x"]));
    const { node, cwd, args } = JSON.parse(stdout) as { node: string; cwd: string; args: string[] };
    const named = readFileSync(join(root, ".node-version"), "utf8");
    expect(Number.parseInt(node, 10)).toBeGreaterThanOrEqual(Number.parseInt(named, 10));
    expect(cwd).toBe(root);
    expect(args).toEqual(["--config", "two words", "--", "-x"]);
  });

  test("with --here runs it where npm was called, so that relative paths mean what the user meant", async () => {
    const here = join(root, "packages", "core");
    const { stdout } = await finish(start(["--here", echo], { INIT_CWD: here }));
    expect(JSON.parse(stdout)).toMatchObject({ cwd: here });
  });

  test("runs a command of the installed packages", async () => {
    const { code, stdout } = await finish(start(["tsc", "--version"]));
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Version \d/);
  });

  test("hands standard input on", async () => {
    const child = start([echo, "stdin"]);
    child.stdin?.end("a pod\n");
    expect(await finish(child)).toMatchObject({ code: 0, stdout: "a pod\n" });
  });

  test.each([0, 1, 2, 42])("ends with the exit code of the command: %i", async (code) => {
    expect(await finish(start([echo, "exit", String(code)]))).toMatchObject({ code });
  });

  test("says that there is no such command", async () => {
    const { code, stderr } = await finish(start(["no-such-command"]));
    expect(code).toBe(1);
    expect(stderr).toContain("no-such-command");
  });

  test("hands a signal on and waits for the command to end", async () => {
    const child = start([echo, "wait"]);
    const result = finish(child);
    if (child.stdout !== null) await once(child.stdout, "data");
    child.kill("SIGTERM");
    expect(await result).toMatchObject({ code: 7, stdout: expect.stringContaining("terminated") });
  });

  test("two at the same time do not disturb each other", async () => {
    const results = await Promise.all([1, 2, 3].map((code) => finish(start([echo, "exit", String(code)]))));
    expect(results.map(({ code }) => code)).toEqual([1, 2, 3]);
  });
});
