/** When what happened in one admission whose spans are recorded. Nothing is made of it before the answer is sent. */
import type { MutationSettings } from "@pod-secrets/core";

import { timedInjectors, type InjectorTimes } from "./timed-injectors.ts";

export interface AdmissionTimer {
  /** The body is a review. */
  readonly decoded: () => void;
  /** The settings, with injectors whose time is taken. */
  readonly timed: (settings: MutationSettings) => MutationSettings;
  /** The answer is there, with its patch. */
  readonly answered: () => void;
  /** The answer was handed over. */
  readonly times: () => AdmissionTimes;
}

/** Milliseconds of `performance`. */
export interface AdmissionTimes {
  /** The head of the request was read. */
  readonly began: number;
  /** The body was read, and it was its turn. */
  readonly read: number;
  /** These two are absent where it did not come so far. */
  readonly decoded?: number;
  readonly answered?: number;
  readonly ended: number;
  /** In the order in which they were asked first. */
  readonly injectors: readonly InjectorTimes[];
}

/** @param began milliseconds of `performance` */
export function startTimer(began: number): AdmissionTimer {
  const read = performance.now();
  const marks: { decoded?: number; answered?: number } = {};
  let injectors: () => readonly InjectorTimes[] = () => [];
  return {
    decoded: () => {
      marks.decoded = performance.now();
    },
    timed: (settings) => {
      const timed = timedInjectors(settings.injectors);
      injectors = timed.times;
      return { ...settings, injectors: timed.injectors };
    },
    answered: () => {
      marks.answered = performance.now();
    },
    times: () => ({ began, read, ...marks, ended: performance.now(), injectors: injectors() }),
  };
}
