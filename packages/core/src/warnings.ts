/** Warnings of one pod while its secrets are injected: who is told what, once. */

/** Collects what `warn` of the context is told. */
export interface WarningCollector {
  /** Takes a warning of the injector that is being asked. What is no text is dropped. */
  readonly warn: (warning: string) => void;
  /** Those since the last call that were not there before. */
  take(): readonly string[];
  /** Forgets those since the last call. */
  drop(): void;
}

/** Most warnings of one pod, as many as an answer to the API server holds; the rest would be the same for other containers. */
const MAX_WARNINGS = 30;

/** @param adopt makes one line of a foreign text */
export function collectWarnings(adopt: (text: string) => string): WarningCollector {
  const taken = new Set<string>();
  let fresh: Set<string> | undefined;
  return {
    warn(warning: unknown) {
      if (typeof warning !== "string" || taken.size + (fresh?.size ?? 0) >= MAX_WARNINGS) return;
      const text = adopt(warning);
      if (!taken.has(text)) (fresh ??= new Set()).add(text);
    },
    take() {
      if (fresh === undefined) return NONE;
      const list = [...fresh];
      for (const text of list) taken.add(text);
      fresh = undefined;
      return list;
    },
    drop() {
      fresh = undefined;
    },
  };
}

const NONE: readonly string[] = [];
