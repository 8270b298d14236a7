/** A kind of store -> a store that can be read for as long as the webhook runs. */
import { SecretError, quoted } from "@pod-secrets/core";
import {
  createHttpClient,
  isFetchFailure,
  readSmallFile,
  type HttpClient,
  type Provider,
} from "@pod-secrets/secret-fetch/stores";

import type { ScopedName } from "../scope.ts";
import type { Store, StoreKind } from "./store.ts";

/**
 * A provider lives for one round, and what it remembers may be values. So rounds are short, in time and in number: then
 * the bounds of the cache are those of the memory, and a token or authority that was replaced is read anew.
 */
const ROUND = { milliseconds: 10_000, reads: 100 };

interface Round {
  readonly provider: Provider;
  readonly client: HttpClient;
  readonly end: number;
  /** How many more it may begin. */
  left: number;
  /** How many are under way. */
  reads: number;
}

/**
 * @param life milliseconds that a value may be remembered at most
 * @param elapsed milliseconds that only grow
 * @throws SecretError for settings that the provider does not take
 */
export async function openStore(kind: StoreKind, life: number, elapsed: () => number): Promise<Store> {
  const settings = await checkedSettings(kind);
  let current: Round | undefined;
  const retire = (round: Round): void => {
    if (current === round) current = undefined;
    if (round.reads === 0) round.client.close();
  };
  const round = (): Round => {
    if (current !== undefined && (elapsed() >= current.end || current.left === 0)) retire(current);
    current ??= openRound(kind, settings, elapsed() + Math.min(ROUND.milliseconds, life));
    return current;
  };
  return {
    name: kind.provider.name,
    async read(name, signal) {
      const source = await checkedSource(kind, name);
      if (source === undefined) return undefined;
      const own = round();
      own.left--;
      own.reads++;
      try {
        const stored = await own.provider.fetch(source, signal);
        return kind.value === undefined ? stored : kind.value(stored);
      } catch (error) {
        if (isFetchFailure(error) && error.kind === "not-found") return undefined;
        // Credentials that were refused must not be used again.
        retire(own);
        throw error;
      } finally {
        own.reads--;
        if (own !== current) retire(own);
      }
    },
    close() {
      if (current !== undefined) retire(current);
    },
  };
}

function openRound({ provider, env }: StoreKind, settings: unknown, end: number): Round {
  const client = createHttpClient(env);
  const host = { http: client.http, now: () => Date.now(), env, readFile: readSmallFile };
  return { provider: provider.create(settings, host), client, end, left: ROUND.reads, reads: 0 };
}

async function checkedSettings({ provider, settings }: StoreKind): Promise<unknown> {
  const checked = await provider.settings["~standard"].validate(settings);
  if (checked.issues === undefined) return checked.value;
  const [issue] = checked.issues;
  const at = (issue?.path ?? []).map((part) => String(typeof part === "object" ? part.key : part)).join(".");
  const message = `the settings of store ${provider.name} cannot be used: ${quoted(at)} ${issue?.message ?? ""}`;
  throw new SecretError("embedded/unavailable", message, "Correct `store` in the options of the manager.");
}

/** @returns undefined when no secret of the store can have the name */
async function checkedSource(kind: StoreKind, name: ScopedName): Promise<unknown> {
  const checked = await kind.provider.source["~standard"].validate(kind.source(name));
  return checked.issues === undefined ? checked.value : undefined;
}
