/** How long a provider lives: it may remember values and credentials. */
import { FetchFailure, type ProviderPlugin } from "@pod-secrets/secret-fetch/stores";
import { expect, test } from "vitest";

import { openStore } from "../src/stores/open-store.ts";
import { createMemoryStore } from "./memory-store.ts";

const NAME = { organization: "o", domain: "d", project: "p", key: "k" };

interface Rig {
  readonly read: () => Promise<unknown>;
  /** How many providers were made so far. */
  made: number;
  /** Milliseconds. */
  now: number;
  fails: boolean;
}

function rig(life: number): Rig {
  const memory = createMemoryStore();
  const fetch = async (): Promise<Uint8Array> => {
    if (own.fails) throw new FetchFailure("unauthenticated", "expired", "Renew.");
    return Buffer.from("value");
  };
  const create = (): { readonly fetch: typeof fetch } => {
    own.made++;
    return { fetch };
  };
  const provider: ProviderPlugin = { ...memory.provider, create };
  const store = openStore({ ...memory, provider }, life, () => own.now);
  const read = async (): Promise<unknown> => (await store).read(NAME, new AbortController().signal);
  const own: Rig = { read, made: 0, now: 0, fails: false };
  return own;
}

test("a provider reads for ten seconds", async () => {
  const own = rig(60_000);
  await own.read();
  own.now = 9999;
  await own.read();
  expect(own.made).toBe(1);
  own.now = 10_000;
  await own.read();
  expect(own.made).toBe(2);
});

test("and a hundred times at most", async () => {
  const own = rig(60_000);
  for (let index = 0; index < 100; index++) await own.read();
  expect(own.made).toBe(1);
  await own.read();
  expect(own.made).toBe(2);
});

test("where no value may be kept, each read has a provider of its own", async () => {
  const own = rig(0);
  await own.read();
  await own.read();
  expect(own.made).toBe(2);
});

test("credentials that were refused are not used again", async () => {
  const own = rig(60_000);
  await own.read();
  own.fails = true;
  await expect(own.read()).rejects.toMatchObject({ kind: "unauthenticated" });
  own.fails = false;
  await own.read();
  expect(own.made).toBe(2);
});

test("settings that the provider does not take are told at once", async () => {
  const kind = { ...createMemoryStore(), settings: { unknown: 1 } };
  await expect(openStore(kind, 0, () => 0)).rejects.toMatchObject({
    message: expect.stringContaining("the settings of store memory cannot be used"),
  });
});
