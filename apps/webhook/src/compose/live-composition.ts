/** The composition that admissions are answered with, exchangeable while they run. */
import type { MutationSettings } from "@pod-secrets/core";

import type { Composition } from "./composition.ts";

export interface LiveComposition {
  /** Lends the settings of this moment to one admission; they stay usable until it ends. */
  use<Result>(admission: (settings: MutationSettings) => Promise<Result>): Promise<Result>;
  /** The one that new admissions get. */
  current(): Composition;
  /**
   * New admissions get this one; the old one is disposed of when its last admission has ended. After `close` there are
   * no new ones: it is disposed of at once.
   */
  replace(next: Composition): void;
  /** Resolves when every composition, the current one too, is disposed of. Call it when no admission will come. */
  close(): Promise<void>;
}

interface Generation {
  readonly composition: Composition;
  admissions: number;
  retired: boolean;
  readonly disposed: PromiseWithResolvers<void>;
}

export function createLiveComposition(first: Composition): LiveComposition {
  let current = generationOf(first);
  const alive = new Set([current]);
  let isClosed = false;

  function disposeIfIdle(generation: Generation): void {
    if (!generation.retired || generation.admissions > 0) return;
    alive.delete(generation);
    // What fails to stop is logged by the composition; nothing waits for it in vain.
    generation.composition.dispose().then(generation.disposed.resolve, () => generation.disposed.resolve());
  }
  function retire(generation: Generation): void {
    if (generation.retired) return;
    generation.retired = true;
    disposeIfIdle(generation);
  }
  return {
    async use(admission) {
      const generation = current;
      generation.admissions += 1;
      try {
        return await admission(generation.composition.settings);
      } finally {
        generation.admissions -= 1;
        disposeIfIdle(generation);
      }
    },
    current: () => current.composition,
    replace(next) {
      if (isClosed) return retire(generationOf(next));
      const old = current;
      current = generationOf(next);
      alive.add(current);
      retire(old);
    },
    async close() {
      isClosed = true;
      const waiting = [...alive].map(({ disposed }) => disposed.promise);
      retire(current);
      await Promise.all(waiting);
    },
  };
}

function generationOf(composition: Composition): Generation {
  return { composition, admissions: 0, retired: false, disposed: Promise.withResolvers() };
}
