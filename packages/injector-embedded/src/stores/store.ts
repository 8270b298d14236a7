/** What holds the secrets, whichever kind it is. */
import type { ProviderPlugin } from "@pod-secrets/secret-fetch/stores";

import type { ScopedName } from "../scope.ts";

/** A store that is open. */
export interface Store {
  /** Its kind, for messages and logs. */
  readonly name: string;
  /**
   * Reads one secret.
   * @returns undefined when the store says that there is none
   * @throws FetchFailure
   */
  read(name: ScopedName, signal: AbortSignal): Promise<Uint8Array | undefined>;
  /** Ends its connections. */
  close(): void;
}

/**
 * A kind of store: any provider of the program that fetches, and how secrets of scopes are named in it. The provider is
 * the same that pods use, so it is tested against the same servers.
 */
export interface StoreKind {
  /** Checks its settings and sources by its schemas. */
  readonly provider: ProviderPlugin;
  /** As they would stand in a request. */
  readonly settings: unknown;
  /** The env vars that it sees: those by which the webhook's identity is announced. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** How the store names a secret, as the provider's source; undefined when none can have that name. */
  source(name: ScopedName): unknown;
  /**
   * The value in what is stored.
   * @throws FetchFailure `unusable-value`
   */
  value?(stored: Uint8Array): Uint8Array;
}
