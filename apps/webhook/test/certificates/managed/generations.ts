/** Real certificates for tests, made once. */
import { readBundle } from "../../../src/certificates/ca-bundle.ts";
import { DAY } from "../../../src/certificates/lifetimes.ts";
import type { RotationPolicy } from "../../../src/certificates/managed/decide.ts";
import type { Generation } from "../../../src/certificates/managed/generation.ts";
import { issueGeneration } from "../../../src/certificates/managed/issue.ts";

export const NOW = Date.UTC(2026, 5, 1);

export const POLICY: RotationPolicy = {
  names: ["webhook", "webhook.flyte", "webhook.flyte.svc"],
  lifetime: 90 * DAY,
  overlap: 900_000,
};

/** Valid from a day before `now` on. */
export function generation(now: number = NOW, names: readonly string[] = POLICY.names): Promise<Generation> {
  return issueGeneration(names, POLICY, now);
}

export const FIRST: Generation = await generation();
export const SECOND: Generation = await generation();
export const THIRD: Generation = await generation();

/** The CAs of a bundle, in PEM. */
export function casOf(bundle: string): readonly string[] {
  return readBundle(bundle).map(({ pem }) => pem);
}
