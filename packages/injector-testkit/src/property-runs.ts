/** Runs of each property: enough to find most faults while one waits. */
const DEFAULT_RUNS = 200;

/**
 * How often each property is tried: `POD_SECRETS_PROPERTY_RUNS`, or 200.
 * @throws Error when the variable is no positive whole number
 */
export function propertyRuns(): number {
  return wholeNumber("POD_SECRETS_PROPERTY_RUNS", 1) ?? DEFAULT_RUNS;
}

/**
 * Seed of the random values: `POD_SECRETS_PROPERTY_SEED`, as a failed run reports it; by default another one
 * each time.
 * @throws Error when the variable is no whole number
 */
export function propertySeed(): number | undefined {
  return wholeNumber("POD_SECRETS_PROPERTY_SEED", -(2 ** 31));
}

function wholeNumber(name: string, least: number): number | undefined {
  const text = process.env[name];
  if (text === undefined || text === "") return undefined;
  const number = Number(text);
  if (!Number.isInteger(number) || number < least)
    throw new Error(`${name} is ${text}, and no whole number from ${least}`);
  return number;
}
