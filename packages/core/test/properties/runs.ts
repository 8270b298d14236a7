/** How often each property is tried: by the variables of the conformance suite, which core cannot import. */
import type { Parameters } from "fast-check";

/** `POD_SECRETS_PROPERTY_RUNS`, which is 10,000 in CI, or as many as one waits for. */
export const RUNS: number = wholeNumber("POD_SECRETS_PROPERTY_RUNS", 1) ?? 1000;

const seed = wholeNumber("POD_SECRETS_PROPERTY_SEED", -(2 ** 31));

/** For `fc.assert`. A failure names its seed, and `POD_SECRETS_PROPERTY_SEED` repeats it. */
export const RANDOM: Pick<Parameters, "numRuns" | "seed"> =
  seed === undefined ? { numRuns: RUNS } : { numRuns: RUNS, seed };

/** Longest time for one property, in milliseconds; a busy machine takes a tenth of it. */
export const PROPERTY_TIMEOUT = 120_000;

function wholeNumber(name: string, least: number): number | undefined {
  const text = process.env[name];
  if (text === undefined || text === "") return undefined;
  const number = Number(text);
  if (!Number.isInteger(number) || number < least)
    throw new Error(`${name} is ${text}, and no whole number from ${least}`);
  return number;
}
