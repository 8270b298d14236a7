/** A store in memory, as a provider like any other. */
import { defineInjector, type InjectorPlugin } from "@pod-secrets/core";
import { FetchFailure, defineProvider, type FailureKind, type ProviderPlugin } from "@pod-secrets/secret-fetch/stores";
import * as z from "zod";

import plugin, { createEmbeddedInjector, type embeddedOptions, type ScopedName, type StoreKind } from "../src/index.ts";
import { encodedName } from "../src/scope.ts";

/** What the store does when it is asked for a name. */
export type Behaviour = "answers" | "hangs" | "ignores its signal" | "throws an error of its own" | FailureKind;

export interface MemoryStore extends StoreKind {
  /** By the name under which Flyte stores a secret. */
  readonly secrets: Map<string, Uint8Array>;
  /** Names that it was asked for, in order. */
  readonly asked: string[];
  behaviour: Behaviour;
  /** Most calls that it was in at once. */
  mostAtOnce: number;
}

/** @param secrets by Flyte's names; texts in UTF-8 */
export function createMemoryStore(secrets: Readonly<Record<string, string | Uint8Array>> = {}): MemoryStore {
  const source = z.strictObject({ name: z.string() });
  const entries = Object.entries(secrets).map(([name, value]) => [name, Buffer.from(value as string)] as const);
  const store: MemoryStore = {
    provider: defineProvider({
      name: "memory",
      settings: z.strictObject({}),
      source,
      create: () => ({ fetch: ({ name }, signal) => counted(() => fetchFrom(store, name, signal)) }),
    }) as ProviderPlugin,
    settings: {},
    env: {},
    source: (name: ScopedName) => ({ name: encodedName(name) }),
    secrets: new Map(entries),
    asked: [],
    behaviour: "answers",
    mostAtOnce: 0,
  };
  let calls = 0;
  const counted = async <Result>(call: () => Promise<Result>): Promise<Result> => {
    calls++;
    store.mostAtOnce = Math.max(store.mostAtOnce, calls);
    return call().finally(() => calls--);
  };
  return store;
}

async function fetchFrom(store: MemoryStore, name: string, signal: AbortSignal): Promise<Uint8Array> {
  store.asked.push(name);
  switch (store.behaviour) {
    case "answers": {
      await Promise.resolve();
      const value = store.secrets.get(name);
      if (value === undefined) throw new FetchFailure("not-found", "there is none", "Store it.");
      return value;
    }
    case "hangs":
      return new Promise((_resolve, reject) => {
        signal.addEventListener("abort", () => reject(new FetchFailure("timeout", "cut off", "Wait.")));
      });
    case "ignores its signal":
      return new Promise(() => {});
    case "throws an error of its own":
      throw new Error("the value is s3cr3t");
    default:
      throw new FetchFailure(store.behaviour, "the store says no", "Do something.");
  }
}

/** The plugin with this store in place of the one that the options name. */
export function withStore(store: StoreKind): InjectorPlugin<typeof embeddedOptions> {
  return defineInjector({ ...plugin, create: (options, host) => createEmbeddedInjector(options, host, store) });
}

/** Options that name a store, which {@link withStore} puts another in the place of. */
export function testOptions(more: Readonly<Record<string, unknown>> = {}): Readonly<Record<string, unknown>> {
  return {
    accept: "values-in-pods",
    store: { type: "k8s" },
    scope: { organization: "*", namespace: "*" },
    ...more,
  };
}
