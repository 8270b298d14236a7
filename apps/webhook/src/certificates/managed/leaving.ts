/** The end of a replica: the others need not wait for it any more. */
import { setTimeout as sleep } from "node:timers/promises";

import { leave } from "./rotation.ts";
import { writeSecret } from "./secret-codec.ts";
import { contentOf } from "./secret-content.ts";
import type { SecretStore } from "./secret-store.ts";

/** Milliseconds that a process that ends may take for it. */
const TIME_LIMIT = 2000;
/** Tries that somebody else may be faster at. */
const TRIES = 5;

/** Takes its note out of the Secret. Never throws: the others find out that it is gone. */
export async function takeNoteAway(store: SecretStore, replica: string, now: number): Promise<void> {
  const away = tryToTake(store, replica, now).catch(() => {});
  await Promise.race([away, sleep(TIME_LIMIT, undefined, { ref: false })]);
}

async function tryToTake(store: SecretStore, replica: string, now: number): Promise<void> {
  for (let tries = 0; tries < TRIES; tries++) {
    // oxlint-disable-next-line no-await-in-loop -- one try after the other
    const secret = await store.read();
    const content = contentOf(secret, now);
    if (secret === undefined || content.kind !== "intact" || !content.rotation.replicas.has(replica)) return;
    const without = writeSecret(leave(content.rotation, replica), secret);
    // oxlint-disable-next-line no-await-in-loop -- one try after the other
    if ((await store.replace(without, secret)).outcome === "written") return;
  }
}
