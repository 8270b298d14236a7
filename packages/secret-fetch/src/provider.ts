/**
 * The contract between the program and its providers. A provider fetches from one kind of store. It is plain data and
 * a factory, as the injectors are: the program checks settings and sources by its schemas, calls `create` once per
 * round and per entry of `providers` in the request, and then `fetch` for each item, at once for many.
 */
import type { StandardSchemaV1 } from "@standard-schema/spec";

import type { Http } from "./http.ts";

/** Fetches the secrets of one store. Lives for one round: what it remembers must not outlive that. */
export interface Provider<Source = unknown> {
  /**
   * Fetches one item, once: the program itself tries again, and only for failures that may go away.
   * @param source which secret, checked by the plugin's schema
   * @param signal ends the call: after the time limit of one call, at the deadline of all, or when the program stops
   * @returns the value, byte by byte as the store has it
   * @throws FetchFailure
   */
  fetch(source: Source, signal: AbortSignal): Promise<Uint8Array>;
}

/** What the program lends to a provider. It reaches out in no other way, so that tests can play all of it. */
export interface ProviderHost {
  readonly http: Http;
  /** Milliseconds since 1970, UTC: for signatures and lifetimes, not for waiting. */
  readonly now: () => number;
  /** The environment of the container: where the pod's identity is announced. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /**
   * A small file of the container, such as a projected token.
   * @throws FetchFailure `not-found`, `denied` or, for what is no file or longer than 1 MiB, `unusable-value`. Where the
   * file is not the secret itself, the provider must make another failure of it
   */
  readonly readFile: (path: string) => Promise<Uint8Array>;
}

/** A kind of store. */
export interface ProviderPlugin<
  Settings extends StandardSchemaV1 = StandardSchemaV1,
  Source extends StandardSchemaV1 = StandardSchemaV1,
> {
  /** Name in the request (`use`) and in messages: a DNS label. */
  readonly name: string;
  /** Schema of an entry of `providers`: which server, which identity. Any library with Standard Schema. */
  readonly settings: Settings;
  /** Schema of an item's `source`: which secret in that store. */
  readonly source: Source;
  /** Makes a provider for one round. It does no I/O yet. @throws FetchFailure `wrong-request` */
  create(
    settings: StandardSchemaV1.InferOutput<Settings>,
    host: ProviderHost,
  ): Provider<StandardSchemaV1.InferOutput<Source>>;
}

/** Types a plugin by its schemas; returns it unchanged. */
export function defineProvider<Settings extends StandardSchemaV1, Source extends StandardSchemaV1>(
  plugin: ProviderPlugin<Settings, Source>,
): ProviderPlugin<Settings, Source> {
  return plugin;
}
