/**
 * Makes the first generation while a replica holds back, in case that it will have to start from nothing: it takes about
 * as long as the wait, and whoever installs the webhook waits for both.
 */
import { isDeepStrictEqual } from "node:util";

import type { Generation } from "./generation.ts";

export interface Ahead {
  /** Begins, unless it has. */
  begin(names: readonly string[]): void;
  /** What was begun for these names, or else a new one; and it is used once. */
  take(names: readonly string[]): Promise<Generation>;
  /** It is not needed any more. */
  drop(): void;
}

export function createAhead(make: (names: readonly string[]) => Promise<Generation>): Ahead {
  let begun: { readonly names: readonly string[]; readonly generation: Promise<Generation> } | undefined;
  return {
    begin(names) {
      if (begun !== undefined) return;
      begun = { names, generation: make(names) };
      // Whoever takes it hears of it.
      begun.generation.catch(() => {});
    },
    take(names) {
      const taken = begun;
      begun = undefined;
      return taken !== undefined && isDeepStrictEqual(taken.names, names) ? taken.generation : make(names);
    },
    drop() {
      begun = undefined;
    },
  };
}
