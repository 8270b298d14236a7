import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { get } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { BUILT_IN_INJECTORS } from "../../apps/webhook/src/compose/every-built-in.ts";
import { builtCommand } from "../../apps/webhook/test/cli/built-command.ts";
import { readArguments } from "../start/arguments.ts";
import { connectApiServer, reviewOf, type Answer } from "../start/api-server.ts";
import { readExamples, type Example } from "../start/examples.ts";
import { describeAnswer, describeNextSteps } from "../start/screen.ts";
import { startWebhook, type LogLine, type Webhook } from "../start/webhook-process.ts";

const root = join(import.meta.dirname, "../..");
const built = builtCommand();
const plain = (_format: unknown, text: string): string => text;
const examples = await readExamples(join(root, "examples", "pods"));

function named(name: string): Example {
  const example = examples.find((one) => one.name.includes(name));
  if (example === undefined) throw new Error(`there is no example ${name}`);
  return example;
}

describe("the webhook of npm start", () => {
  let folder = "";
  let webhook: Webhook;

  async function exchange(example: Example): Promise<{ readonly answer: Answer; readonly admission: LogLine }> {
    const review = reviewOf(example.pod);
    const answer = await connectApiServer(webhook.url, join(folder, "ca.crt"))(review);
    return { answer, admission: await webhook.admission(review.request.uid) };
  }

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "pod-secrets-start-"));
    webhook = await startWebhook({
      program: built().program,
      config: join(root, "examples", "config", "all-managers.yaml"),
      caFile: join(folder, "ca.crt"),
      environment: { FLYTE_SECRET_OBSERVABILITY_API_TOKEN: "made-up" },
    });
  }, 60_000);
  afterAll(async () => {
    await webhook.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  test("serves on this machine alone, with all managers but one that would read a store", () => {
    const managers = BUILT_IN_INJECTORS.filter(({ meta }) => meta.readsAtAdmission !== true);
    expect(webhook.url).toMatch(/^https:\/\/127\.0\.0\.1:\d+\/mutate--v1-pod$/);
    expect([...webhook.managers].toSorted()).toEqual(managers.map(({ name }) => name).toSorted());
    expect(existsSync(join(folder, "ca.crt"))).toBe(true);
  });

  test.each(examples)("answers $name as it expects, and shows why", async (example) => {
    const { answer, admission } = await exchange(example);
    const { text, problems } = describeAnswer(example, answer, admission, plain);
    expect(problems).toEqual([]);
    const isRefused = example.secrets.some(({ result }) => result.startsWith("refused"));
    expect(text).toMatch(isRefused ? /^refused \(/m : /^admitted \(/m);
    for (const { result } of example.secrets) expect(text).toContain(result.replace("refused ", ""));
    if (isRefused) expect(text.match(/^ {2}\(\d\) /gm)).toHaveLength(example.secrets.length);
    else expect(text).toMatch(/^\+ +- name: /m);
  });

  test("complains of an answer that an example does not expect", async () => {
    const good = named("k8s-env-var");
    const { answer, admission } = await exchange(good);
    const expecting = (result: string): readonly string[] => {
      const other = { ...good, secrets: good.secrets.map((secret) => ({ ...secret, result })) };
      return describeAnswer(other, answer, admission, plain).problems;
    };
    expect(expecting("k8s")).toEqual([]);
    expect(expecting("aws")).toEqual(["expected aws; got k8s"]);
    expect(expecting("refused E_NOT_INJECTED")).toContain("the pod was to be refused");
    expect(describeAnswer(good, { ...answer, status: 500 }, admission, plain).problems).toEqual(["HTTP status 500"]);
    const refused = await exchange(named("refused"));
    expect(describeAnswer(good, refused.answer, refused.admission, plain).problems).toContain(
      "the pod was to be admitted",
    );
  });

  test("says what to try next with commands that work", async () => {
    const text = describeNextSteps(webhook, "ca.crt", "review.json", plain);
    expect(text).toContain(webhook.url);
    const [, url = ""] = /curl -sS (http:\S+)/.exec(text) ?? [];
    const status = await new Promise((done) => get(url, (response) => (response.resume(), done(response.statusCode))));
    expect(status).toBe(200);
    for (const [file] of text.matchAll(/examples\/\S+\.yaml/g)) expect(existsSync(join(root, file))).toBe(true);
  });
});

describe("the arguments of npm start", () => {
  test("are --once, or none", () => {
    expect(readArguments([])).toEqual({ kind: "run", isOnce: false });
    expect(readArguments(["--once"])).toEqual({ kind: "run", isOnce: true });
  });

  test.each(["--help", "-h"])("may ask for help: %s", (help) => {
    expect(readArguments(["--once", help])).toMatchObject({ kind: "say", exit: 0 });
    expect(readArguments([help])).toMatchObject({
      text: expect.stringMatching(/^Usage: npm start -- .*--once/) as unknown,
    });
  });

  test.each(["--onec", "once", "--once=1", "a\n\u001b[31m"])("are nothing else: %j", async (wrong) => {
    const asked = readArguments([wrong]);
    expect(asked).toMatchObject({ kind: "say", exit: 2, text: expect.stringContaining("--once") as unknown });
    const program = promisify(execFile)(process.execPath, [join(root, "scripts", "start.ts"), wrong]);
    const { code, stderr } = await program.then(
      () => expect.fail("it runs"),
      (error: { readonly code: number; readonly stderr: string }) => error,
    );
    expect([code, stderr]).toEqual([2, "text" in asked ? asked.text : ""]);
    expect(stderr).toMatch(/^[ -~]+\n$/);
  });
});

describe("a webhook that cannot start", () => {
  test("is told as such", async () => {
    const options = { program: built().program, config: "/no/such/file", caFile: "/no/such/ca", environment: {} };
    await expect(startWebhook(options)).rejects.toThrow("the webhook ended");
  });
});
