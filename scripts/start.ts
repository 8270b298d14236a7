/**
 * `npm start`: the real webhook on this machine, and the example pods sent to it as the API server would.
 * With `--once` it ends after the examples: 0 when every answer is what the example expects, else 1.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";

import { paintFor } from "../apps/webhook/src/cli/streams.ts";
import { connectApiServer, reviewOf } from "./start/api-server.ts";
import { readArguments } from "./start/arguments.ts";
import { readExamples, type Example } from "./start/examples.ts";
import { describeAnswer, describeExample, describeNextSteps, describeStart } from "./start/screen.ts";
import { startWebhook, type Webhook } from "./start/webhook-process.ts";

const root = join(import.meta.dirname, "..");
const paint = paintFor(process.stdout);

const FILES = {
  config: join(root, "examples", "config", "all-managers.yaml"),
  pods: join(root, "examples", "pods"),
};

/** What one run writes: several may serve at the same time. */
interface Written {
  readonly ca: string;
  readonly review: string;
}

/** Where global secrets come from here: made up, and for the examples only. */
const GLOBAL_SECRETS = { FLYTE_SECRET_OBSERVABILITY_API_TOKEN: "made-up-value-for-the-examples" };

function show(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Shows what becomes of one example. @returns whether it is what the example expects */
async function admit(example: Example, webhook: Webhook, send: ReturnType<typeof connectApiServer>): Promise<boolean> {
  show(describeExample(example, paint));
  const review = reviewOf(example.pod);
  const answer = await send(review);
  const admission = await webhook.admission(review.request.uid);
  const { text, problems } = describeAnswer(example, answer, admission, paint);
  show(text);
  return problems.length === 0;
}

async function showExamples(webhook: Webhook, written: Written): Promise<number> {
  const examples = await readExamples(FILES.pods);
  const send = connectApiServer(webhook.url, written.ca);
  let wrong = 0;
  for (const example of examples) wrong += (await admit(example, webhook, send)) ? 0 : 1;
  const [, second] = examples;
  if (second !== undefined) writeFileSync(written.review, JSON.stringify(reviewOf(second.pod)));
  return wrong;
}

/** A folder for this run alone, which is gone after it. */
async function inFolder(work: (written: Written) => Promise<number>): Promise<number> {
  const parent = join(root, ".tools", "start");
  mkdirSync(parent, { recursive: true });
  const folder = mkdtempSync(join(parent, "run-"));
  try {
    return await work({ ca: join(folder, "ca.crt"), review: join(folder, "review.json") });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function serve(isOnce: boolean, written: Written): Promise<number> {
  const webhook = await startWebhook({
    program: join(root, "apps", "webhook", "dist", "main.mjs"),
    config: FILES.config,
    caFile: written.ca,
    environment: GLOBAL_SECRETS,
  });
  try {
    show(describeStart(webhook, relative(root, FILES.config), Object.keys(GLOBAL_SECRETS), paint));
    const wrong = await showExamples(webhook, written);
    if (wrong > 0) show(paint("red", `${wrong} examples were not answered as they expect.`));
    if (isOnce) return wrong === 0 ? 0 : 1;
    show(describeNextSteps(webhook, relative(root, written.ca), relative(root, written.review), paint));
    return await webhook.serveUntilStopped((line) => show(paint("dim", line)));
  } finally {
    await webhook.stop();
  }
}

async function main(): Promise<number> {
  const asked = readArguments(process.argv.slice(2));
  if (asked.kind === "run") return await inFolder((written) => serve(asked.isOnce, written));
  (asked.exit === 0 ? process.stdout : process.stderr).write(asked.text);
  return asked.exit;
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(
    `${paintFor(process.stderr)("red", "npm start:")} ${error instanceof Error ? error.message : String(error)}\n`,
  );
  process.exitCode = 1;
}
