/** A provider whose store is what a test says. */
import * as z from "zod/mini";

import { defineProvider, type ProviderPlugin } from "../../src/provider.ts";

/** Answers for a secret: called for each attempt. */
export type Answering = (signal: AbortSignal) => Promise<Uint8Array | string> | Uint8Array | string;

export interface PlayedStore {
  readonly plugin: ProviderPlugin;
  /** Names of the secrets that were asked for, one per attempt. */
  readonly asked: readonly string[];
  /** How many providers were made. */
  readonly made: () => number;
}

export function playedStore(secrets: Readonly<Record<string, Answering>>): PlayedStore {
  const asked: string[] = [];
  let made = 0;
  const plugin = defineProvider({
    name: "played",
    settings: z.strictObject({}),
    source: z.strictObject({ name: z.string() }),
    create: () => {
      made++;
      return {
        fetch: async ({ name }, signal) => {
          asked.push(name);
          const value = await secrets[name]?.(signal);
          return typeof value === "string" ? new TextEncoder().encode(value) : (value as Uint8Array);
        },
      };
    },
  });
  return { plugin, asked, made: () => made };
}
