/** A round of the program in this process: real requests, providers and files, and time that needs no waiting. */
import type { ProviderHost, ProviderPlugin } from "../../src/provider.ts";
import { prepareRequest } from "../../src/request/prepare.ts";
import type { FetchRequest } from "../../src/request.ts";
import type { RoundPorts } from "../../src/run/fetch-all.ts";
import { testClock, type TestClock } from "./test-clock.ts";

export interface TestRound {
  readonly clock: TestClock;
  readonly ports: RoundPorts;
  readonly stop: AbortController;
}

/** @param random of every backoff: the longest, unless told otherwise */
export function testRound(host: ProviderHost, random = 1): TestRound {
  const clock = testClock();
  const stop = new AbortController();
  return { clock, stop, ports: { host, clock, random: () => random, stop: stop.signal } };
}

export const prepared = (
  request: FetchRequest,
  plugins: readonly ProviderPlugin[],
): ReturnType<typeof prepareRequest> => prepareRequest(JSON.stringify(request), plugins);
