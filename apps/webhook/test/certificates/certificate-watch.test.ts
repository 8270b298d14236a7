import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { readCertificate } from "../../src/certificates/certificate-files.ts";
import { watchCertificate } from "../../src/certificates/certificate-watch.ts";
import { makeSelfSigned } from "../../src/certificates/self-signed.ts";
import type { LoadedCertificate } from "../../src/certificates/certificate.ts";

const pairs = await Promise.all(Array.from({ length: 4 }, async () => (await makeSelfSigned(Date.now())).certificate));
const [first, second, third] = pairs as [LoadedCertificate, LoadedCertificate, LoadedCertificate];

let directory: string;
let stop: AbortController;
let changes: LoadedCertificate[];
let problems: string[];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "watch-"));
  stop = new AbortController();
  changes = [];
  problems = [];
});
afterEach(() => {
  stop.abort();
  rmSync(directory, { recursive: true });
});

let generation = 0;

/** As the kubelet writes a Secret: new files in a new folder, and then one link is swapped. */
function swap(files: Readonly<Record<string, string>>): void {
  const folder = `..generation_${generation++}`;
  mkdirSync(join(directory, folder));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, folder, name), text);
  symlinkSync(folder, join(directory, "..data_tmp"));
  renameSync(join(directory, "..data_tmp"), join(directory, "..data"));
}

function swapTo({ certificate, key }: LoadedCertificate): void {
  swap({ "tls.crt": certificate, "tls.key": key });
}

async function watch(interval?: number): Promise<() => void> {
  const read = await readCertificate(directory, Date.now());
  if (!read.ok) throw new Error(read.message);
  return watchCertificate({
    directory,
    current: read.certificate,
    onChange: (certificate) => changes.push(certificate),
    onProblem: (message) => problems.push(message),
    signal: stop.signal,
    clock: Date.now,
    ...(interval === undefined ? {} : { interval }),
  });
}

describe("a new certificate is noticed", () => {
  test("at each swap of the link, not only the first", async () => {
    swapTo(first);
    await watch();
    for (const next of [second, third, first]) {
      swapTo(next);
      await expect.poll(() => changes.at(-1)?.key, { timeout: 5000 }).toBe(next.key);
    }
    expect(problems).toEqual([]);
  });
  test("without an event, by looking every now and then", async () => {
    swapTo(first);
    const elsewhere = mkdtempSync(join(tmpdir(), "elsewhere-"));
    writeFileSync(join(elsewhere, "tls.crt"), first.certificate);
    writeFileSync(join(elsewhere, "tls.key"), first.key);
    // The directory that is watched stays as it is: only what its links point at changes.
    rmSync(join(directory, "..data"));
    symlinkSync(elsewhere, join(directory, "..data"));
    await watch(50);
    writeFileSync(join(elsewhere, "tls.crt"), second.certificate);
    writeFileSync(join(elsewhere, "tls.key"), second.key);
    await expect.poll(() => changes.at(-1)?.key, { timeout: 5000 }).toBe(second.key);
    rmSync(elsewhere, { recursive: true });
  });
  test("at once, when asked to look", async () => {
    swapTo(first);
    const look = await watch(60_000);
    swapTo(second);
    look();
    look();
    await expect.poll(() => changes.length, { timeout: 5000 }).toBe(1);
  });
  test("the same certificate written again is none", async () => {
    swapTo(first);
    const look = await watch();
    swapTo(first);
    look();
    await sleep(300);
    expect(changes).toEqual([]);
  });
});

describe("what cannot be served leaves the last good one", () => {
  test("a pair that does not fit is reported once, and the next good one is taken", async () => {
    swapTo(first);
    const look = await watch(30);
    swap({ "tls.crt": second.certificate, "tls.key": third.key });
    await expect.poll(() => problems.length, { timeout: 5000 }).toBe(1);
    look();
    await sleep(200);
    expect(problems).toEqual([expect.stringContaining("is not the key of")]);
    expect(changes).toEqual([]);
    swapTo(third);
    await expect.poll(() => changes.length, { timeout: 5000 }).toBe(1);
  });
  test("a directory that goes away and comes back", async () => {
    swapTo(first);
    await watch(30);
    rmSync(directory, { recursive: true });
    await expect.poll(() => problems.length, { timeout: 5000 }).toBe(1);
    mkdirSync(directory);
    swapTo(second);
    await expect.poll(() => changes.at(-1)?.key, { timeout: 5000 }).toBe(second.key);
  });
});

test("in 300 swaps no mixed pair is ever served", async () => {
  swapTo(first);
  const look = await watch(5);
  for (let count = 0; count < 300; count++) {
    swapTo(pairs[count % pairs.length] ?? first);
    look();
    await sleep(1);
  }
  await expect.poll(() => changes.at(-1)?.key, { timeout: 5000 }).toBe(pairs[299 % pairs.length]?.key);
  for (const { certificate, key } of changes) {
    expect(pairs.some((pair) => pair.certificate === certificate && pair.key === key)).toBe(true);
  }
  expect(problems.filter((problem) => problem.includes("is not the key of"))).toEqual([]);
});

test("nothing is reported once it is stopped", async () => {
  swapTo(first);
  const look = await watch(10);
  stop.abort();
  swapTo(second);
  look();
  await sleep(200);
  expect(changes).toEqual([]);
});
