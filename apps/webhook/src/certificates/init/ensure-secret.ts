/** Sees to it that the Secret holds a certificate that can be served: however often, and by however many at once. */
import { setTimeout as sleep } from "node:timers/promises";

import { backoff, type BackoffLimits } from "../../kubernetes/backoff.ts";
import { isPassing } from "../../kubernetes/app-errors.ts";
import { KubernetesError } from "../../kubernetes/kubernetes-client.ts";
import type { TrustedCa } from "../ca-bundle.ts";
import { nextNames, type Generation } from "../managed/generation.ts";
import { issueGeneration } from "../managed/issue.ts";
import { begin, stage } from "../managed/rotation.ts";
import { writePlainSecret, writeSecret } from "../managed/secret-codec.ts";
import { contentOf } from "../managed/secret-content.ts";
import type { SecretObject } from "../managed/secret-object.ts";
import type { SecretStore } from "../managed/secret-store.ts";
import { planInit, type InitWish } from "./plan.ts";

export type Ensured =
  | { readonly outcome: "kept"; readonly generation: Generation }
  | {
      readonly outcome: "made";
      readonly generation: Generation;
      readonly why: string;
      /** Files in which what was there is kept. */
      readonly copies: readonly string[];
    }
  /** The replicas that share the Secret take it up. */
  | { readonly outcome: "staged"; readonly generation: Generation }
  | { readonly outcome: "foreign"; readonly by: string };

export interface EnsureOptions extends Omit<InitWish, "now"> {
  readonly store: SecretStore;
  /** A Secret without data. */
  readonly template: SecretObject;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** Milliseconds in which an API server that cannot be reached may come back. */
  readonly patience: number;
  /** A try failed that may succeed later. */
  readonly onWaiting?: (error: KubernetesError) => void;
}

const RETRY: BackoffLimits = { first: 100, most: 5000 };
/** Tries that somebody else was faster at. */
const MOST_LOST = 50;

/** @throws KubernetesError */
export async function ensureSecret(options: EnsureOptions): Promise<Ensured> {
  const giveUp = performance.now() + options.patience;
  let failures = 0;
  for (let lost = 0; ;) {
    try {
      // oxlint-disable-next-line no-await-in-loop -- one try after the other
      const ensured = await tryOnce(options);
      if (ensured !== "lost") return ensured;
      if (++lost > MOST_LOST) throw new KubernetesError("conflict", "somebody else writes the Secret again and again");
    } catch (error) {
      if (!(error instanceof KubernetesError && isPassing(error)) || performance.now() > giveUp) throw error;
      failures++;
      options.onWaiting?.(error);
    }
    // oxlint-disable-next-line no-await-in-loop -- one try after the other
    await sleep(backoff(Math.max(1, failures), RETRY));
  }
}

async function tryOnce(options: EnsureOptions): Promise<Ensured | "lost"> {
  const { store, policy, layout, clock } = options;
  const now = clock();
  const secret = await store.read();
  const plan = planInit(contentOf(secret, now), { ...options, now });
  switch (plan.do) {
    case "keep":
      return { outcome: "kept", generation: plan.current };
    case "refuse":
      return { outcome: "foreign", by: plan.by };
    case "stage": {
      if (secret === undefined) return "lost";
      const generation = await issueGeneration(nextNames(plan.rotation, policy), policy, now);
      const staged = writeSecret(stage(plan.rotation, generation), secret);
      const { outcome } = await store.replace(staged, secret);
      return outcome === "lost" ? "lost" : { outcome: "staged", generation };
    }
    case "issue": {
      const generation = await issueGeneration(policy.names, policy, now);
      const filled = fill(generation, plan.former, secret ?? options.template, { layout, now });
      const { outcome } = await (secret === undefined ? store.create(filled) : store.replace(filled, secret));
      return outcome === "lost" ? "lost" : { outcome: "made", generation, why: plan.why, copies: [] };
    }
  }
}

function fill(
  generation: Generation,
  former: readonly TrustedCa[],
  base: SecretObject,
  { layout, now }: Pick<InitWish, "layout" | "now">,
): SecretObject {
  return layout === "plain"
    ? writePlainSecret(generation, [generation.ca, ...former], base)
    : writeSecret(begin(generation, former, now), base);
}
