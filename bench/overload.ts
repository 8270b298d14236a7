/**
 * `node scripts/bootstrap.mjs --build bench/overload.ts [SECONDS [PROGRAM]]`: what becomes of admissions when twice as
 * many come as the webhook can take, for a minute unless said otherwise, and of a burst of 300 at once.
 *
 * The built webhook serves, and the API server's calls come from this process. Each admission keeps the webhook's only
 * thread for 20 ms, in an injector that sleeps there: so its capacity is known, the client has time to spare, and what
 * else the machine does matters little.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { makeSelfSigned } from "../apps/webhook/src/certificates/self-signed.ts";
import { apiServer, capacityOf, createAtRate, type ApiServer } from "../apps/webhook/test/server/api-server.ts";
import { startMeasured } from "./measured-process.ts";
import { reviewOf } from "./reviews.ts";
import { median } from "./statistics.ts";

const [seconds = "60", program = join(import.meta.dirname, "..", "apps", "webhook", "dist", "main.mjs")] =
  process.argv.slice(2);

const review = reviewOf({ containers: 1, secrets: 1, mount: "FILE", bytes: 5000 });
const TIMEOUT = 10;

/** Sleeps on the thread, without the processor. */
const SLEEPER = `const lock = new Int32Array(new SharedArrayBuffer(4));
export default {
  apiVersion: 1, name: "sleeper", errors: {},
  meta: { summary: "Sleeps.", group: "any", key: "any", mounts: ["FILE"], stability: "experimental" },
  options: { "~standard": { version: 1, vendor: "none", validate: (value) => ({ value }) } },
  create: () => ({ name: "sleeper", inject: (pod) => (Atomics.wait(lock, 0, 0, 20), { outcome: "injected", pod }) }),
};
`;

async function main(): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), "overload-"));
  const { certificate, ca } = await makeSelfSigned(Date.now());
  writeFileSync(join(directory, "tls.crt"), certificate.certificate);
  writeFileSync(join(directory, "tls.key"), certificate.key);
  writeFileSync(join(directory, "sleeper.mjs"), SLEEPER);
  writeFileSync(join(directory, "config.yaml"), "managers: [{ use: ./sleeper.mjs }]\n");
  const files = ["--certificates", directory, "--config", join(directory, "config.yaml")];
  const ports = ["--host", "127.0.0.1", "--port", "0", "--operations-port", "0"];
  const webhook = await startMeasured([program, "serve", ...files, ...ports]);
  const calls = apiServer({ port: webhook.port, ca, timeoutSeconds: TIMEOUT });
  try {
    await capacityOf(calls, review, 3);
    const idle = webhook.cpu();
    const capacity = await capacityOf(calls, review, 5);
    const each = (webhook.cpu() - idle) / (capacity * 5);
    say(`capacity: ${Math.round(capacity)} per second, ${Math.round(each)} us of CPU each`);
    await burst(calls, 300);
    const [rss, cpu] = [webhook.rss(), webhook.cpu()];
    const ended = await createAtRate(calls, review, Math.round(capacity * 2), Number(seconds));
    // The first timeouts come after ten seconds, and with the last call the load is over.
    const steady = ended.slice(2, Number(seconds)).map(({ admitted }) => admitted);
    const total = { admitted: 0, timeout: 0, failed: 0 };
    for (const second of ended)
      for (const creation of ["admitted", "timeout", "failed"] as const) total[creation] += second[creation];
    const used = (webhook.cpu() - cpu) / total.admitted;
    const after = await quickness(calls);
    const share = Math.round((median(steady) / capacity) * 100);
    say(`twice as many for ${seconds} s: ${JSON.stringify(total)}`);
    say(`admitted in each second: ${steady.join(" ")}: in the median ${share} % of capacity`);
    say(`CPU for each that was admitted, with what was done for the others: ${Math.round(used)} us`);
    say(`memory: ${Math.round(rss)} MB before, ${Math.round(webhook.rss())} MB after`);
    say(`single calls afterwards, one each 100 ms: ${after.join(" ")} ms`);
    await sleep(2000);
    say(`capacity two seconds later: ${Math.round(await capacityOf(calls, review, 3))} per second`);
  } finally {
    calls.stop();
    await webhook.stop();
    rmSync(directory, { recursive: true });
  }
}

async function burst(calls: ApiServer, count: number): Promise<void> {
  const started = performance.now();
  const creations = await Promise.all(Array.from({ length: count }, () => calls.create(review)));
  const admitted = creations.filter((creation) => creation === "admitted").length;
  say(`burst: ${admitted} of ${count} admitted in ${Math.round(performance.now() - started)} ms`);
}

async function quickness(calls: ApiServer): Promise<readonly number[]> {
  const times: number[] = [];
  for (let count = 0; count < 10; count++) {
    const started = performance.now();
    const creation = await calls.create(review);
    times.push(creation === "admitted" ? Math.round(performance.now() - started) : Number.NaN);
    await sleep(100);
  }
  return times;
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

await main();
