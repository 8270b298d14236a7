/**
 * What the store said lately, bounded by time, number and bytes. What was used longest ago goes first. Failures are not
 * kept: the next pod asks again.
 */
import type { Known } from "./answer.ts";

/** How much is kept, and for how long. */
export interface CacheLimits {
  /** Milliseconds that a value is kept; 0 keeps none. */
  readonly found: number;
  /** Milliseconds that is kept that there is none; 0 for not at all. */
  readonly absent: number;
  readonly entries: number;
  /** Of all values together. */
  readonly bytes: number;
}

export interface AnswerCache {
  get(name: string): Known | undefined;
  put(name: string, answer: Known): void;
  clear(): void;
}

interface Entry {
  readonly answer: Known;
  readonly bytes: number;
  readonly end: number;
}

/** @param elapsed milliseconds that only grow */
export function createAnswerCache(limits: CacheLimits, elapsed: () => number): AnswerCache {
  // In the order of use: a map keeps that of insertion.
  const entries = new Map<string, Entry>();
  let bytes = 0;
  const remove = (name: string): void => {
    bytes -= entries.get(name)?.bytes ?? 0;
    entries.delete(name);
  };
  return {
    get(name) {
      const entry = entries.get(name);
      if (entry === undefined) return undefined;
      entries.delete(name);
      if (elapsed() < entry.end) {
        entries.set(name, entry);
        return entry.answer;
      }
      bytes -= entry.bytes;
      return undefined;
    },
    put(name, answer) {
      remove(name);
      const size = answer.outcome === "found" ? answer.value.length : 0;
      const life = limits[answer.outcome];
      if (life === 0 || size > limits.bytes) return;
      entries.set(name, { answer, bytes: size, end: elapsed() + life });
      bytes += size;
      for (const oldest of entries.keys()) {
        if (entries.size <= limits.entries && bytes <= limits.bytes) break;
        remove(oldest);
      }
    },
    clear() {
      entries.clear();
      bytes = 0;
    },
  };
}
