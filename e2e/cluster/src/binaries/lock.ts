/** Work that two processes must not do at the same time. */
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

import { identityOf, isRunning, type ProcessIdentity } from "../processes/identity.ts";
import type { Say } from "../progress.ts";

/** Waits until nobody else has the lock. That of a process which is gone counts as free. */
export async function withLock<Result>(file: string, say: Say, work: () => Promise<Result>): Promise<Result> {
  for (let told = false; !take(file);) {
    const owner = ownerOf(file);
    if (owner !== undefined && !isRunning(owner)) rmSync(file, { force: true });
    else if (!told) {
      say(`Waiting for process ${owner?.pid ?? "?"}, which is at the same work (if it is not: remove ${file}) ...`);
      told = true;
    }
    await sleep(STEP);
  }
  try {
    return await work();
  } finally {
    rmSync(file, { force: true });
  }
}

/** Milliseconds. */
const STEP = 200;

function take(file: string): boolean {
  try {
    writeFileSync(file, JSON.stringify(identityOf(process.pid)), { flag: "wx" });
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  }
}

/** @returns `undefined` while it is being written */
function ownerOf(file: string): ProcessIdentity | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as ProcessIdentity;
  } catch {
    return undefined;
  }
}
