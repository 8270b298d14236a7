/**
 * Reads of the store, bounded in every way, so that an admission is: each has a time limit, those for one name are one,
 * there are only so many at once, a store that keeps failing is left alone, and what it said lately is not asked again.
 */
import type { Logger } from "@pod-secrets/core";

import { encodedName, type ScopedName } from "../scope.ts";
import { secretBytes } from "../secret-bytes.ts";
import type { Store } from "../stores/store.ts";
import { ABSENT, type Answer, type ReadFailure } from "./answer.ts";
import { createAnswerCache, type CacheLimits } from "./answer-cache.ts";
import { createCircuitBreaker, type BreakerLimits, type Permit } from "./circuit-breaker.ts";
import { createGate } from "./gate.ts";
import { failure, isOfOneSecret, readFailure } from "./failures.ts";
import { TimeLimit, atMost, withinTime } from "./time-limits.ts";

/** What bounds the reads. Times in milliseconds. */
export interface ReadLimits {
  readonly cache: CacheLimits;
  readonly breaker: BreakerLimits;
  /** Of one read. */
  readonly timeout: number;
  /** Most reads at once. */
  readonly atOnce: number;
}

/** What the operator counts. */
export type ReadEvent =
  | "cache-hit"
  | "read-joined"
  | "read-found"
  | "read-absent"
  | "read-failed"
  | "store-paused"
  | "store-resumed";

/** What the reads need beside the store. */
export interface ReadPorts {
  readonly log: Logger;
  readonly count: (event: ReadEvent) => void;
  /** Milliseconds that only grow. */
  readonly elapsed: () => number;
}

export interface StoreReads {
  /**
   * Asks for one secret. Never rejects.
   * @param end of `elapsed`: nobody waits longer, though a read that others wait for goes on
   */
  ask(name: ScopedName, end: number): Answer | Promise<Answer>;
  /** Ends all reads and forgets all values. */
  close(): void;
}

export function createStoreReads(store: Store, limits: ReadLimits, ports: ReadPorts): StoreReads {
  const { elapsed, count } = ports;
  const cache = createAnswerCache(limits.cache, elapsed);
  const breaker = createCircuitBreaker(limits.breaker, elapsed, (state) => tellState(state, store, limits, ports));
  const gate = createGate(limits.atOnce);
  const underWay = new Map<string, Promise<Answer>>();
  const closing = new AbortController();

  const begin = (name: ScopedName, id: string): Promise<Answer> => {
    const reading = readInTurn(name).then((answer) => {
      underWay.delete(id);
      if (answer.outcome !== "failed" && !closing.signal.aborted) cache.put(id, answer);
      count(`read-${answer.outcome}`);
      return answer;
    });
    underWay.set(id, reading);
    return reading;
  };

  const readInTurn = async (name: ScopedName): Promise<Answer> => {
    const leave = await gate.enter(limits.timeout);
    if (leave === undefined) return busy(limits.atOnce);
    try {
      // It may have begun to fail meanwhile.
      const permit = breaker.enter();
      return permit === undefined ? paused() : await readOnce(name, permit);
    } finally {
      leave();
    }
  };

  const readOnce = async (name: ScopedName, permit: Permit): Promise<Answer> => {
    try {
      const value = await withinTime((signal) => store.read(name, signal), limits.timeout, closing.signal);
      permit(true);
      return value === undefined ? ABSENT : { outcome: "found", value: secretBytes(value) };
    } catch (error) {
      permit(isOfOneSecret(error));
      const failed = error instanceof TimeLimit ? lateRead(limits.timeout) : readFailure(error);
      const fields = { store: store.name, code: failed.code, cause: failed.message, fix: failed.fix };
      ports.log.warn("a secret could not be read from the store", fields);
      return failed;
    }
  };

  return {
    ask(name, end) {
      const id = encodedName(name);
      const known = cache.get(id);
      if (known !== undefined) {
        count("cache-hit");
        return known;
      }
      const left = end - elapsed();
      if (left <= 0) return failure("embedded/timeout", "the time for all secrets of the pod is up");
      const shared = underWay.get(id);
      if (shared !== undefined) count("read-joined");
      else if (breaker.isOpen()) return paused();
      return atMost(shared ?? begin(name, id), left, lateForPod);
    },
    close() {
      closing.abort();
      cache.clear();
      store.close();
    },
  };
}

function tellState(state: "open" | "closed", store: Store, { breaker }: ReadLimits, { log, count }: ReadPorts): void {
  if (state === "open") {
    count("store-paused");
    const fields = { store: store.name, seconds: breaker.pause / 1000 };
    log.error("the store keeps failing, so it is left alone for a while and pods that need it are refused", fields);
  } else {
    count("store-resumed");
    log.info("the store works again", { store: store.name });
  }
}

function paused(): ReadFailure {
  return failure("embedded/paused", "the store failed several times in a row");
}

function busy(atOnce: number): ReadFailure {
  return failure("embedded/busy", `${atOnce} reads of the store are under way`);
}

function lateRead(milliseconds: number): ReadFailure {
  return failure("embedded/timeout", `the store did not answer within ${milliseconds / 1000} s`);
}

function lateForPod(): ReadFailure {
  return failure("embedded/timeout", "the store did not answer within the time for all secrets of the pod");
}
