/** How long each injector took in one admission. An injector sees nothing of it. */
import type { SecretInjector } from "@pod-secrets/core";

/** Of one injector, in milliseconds of `performance`. */
export interface InjectorTimes {
  readonly injector: string;
  /** Its first question. */
  readonly start: number;
  /** Its last answer. */
  readonly end: number;
  /** Questions, for each secret one, and twice where a secret brought a container. */
  readonly asked: number;
  /** Time in which it was at work; others are asked in between. */
  readonly busy: number;
}

export interface TimedInjectors {
  readonly injectors: readonly SecretInjector[];
  /** Of those that were asked. */
  readonly times: () => readonly InjectorTimes[];
}

type Clock = { -readonly [Key in keyof InjectorTimes]: InjectorTimes[Key] };

export function timedInjectors(injectors: readonly SecretInjector[]): TimedInjectors {
  const clocks = new Map<SecretInjector, Clock>();
  return {
    injectors: injectors.map((injector) => timed(injector, clocks)),
    times: () => [...clocks.values()],
  };
}

function timed(injector: SecretInjector, clocks: Map<SecretInjector, Clock>): SecretInjector {
  return {
    name: injector.name,
    inject: (...question) => {
      const start = performance.now();
      const clock = clocks.get(injector) ?? { injector: injector.name, start, end: start, asked: 0, busy: 0 };
      clocks.set(injector, clock);
      clock.asked += 1;
      const stop = (): void => {
        clock.end = performance.now();
        clock.busy += clock.end - start;
      };
      let isLater = false;
      try {
        const answer = injector.inject(...question);
        isLater = answer instanceof Promise;
        // Both outcomes are the asker's to handle.
        if (answer instanceof Promise) void answer.then(stop, stop);
        return answer;
      } finally {
        if (!isLater) stop();
      }
    },
  };
}
