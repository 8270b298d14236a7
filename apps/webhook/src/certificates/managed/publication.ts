/** Whether the registration is known to hold a bundle. */
import { setTimeout as sleep } from "node:timers/promises";

import { backoff } from "../../kubernetes/backoff.ts";
import type { Publication } from "./decide.ts";

/**
 * Resolves when every entry of the registration holds the bundle, with a signal that is aborted when it is seen without,
 * be it for a moment. Rejects when it cannot be; it is asked again.
 */
export type Publish = (bundle: string) => Promise<AbortSignal>;

export interface PublicationState {
  of(bundle: string): Publication;
  /** Starts to publish, and waits for nothing. */
  ask(bundle: string): void;
  /** Whether it holds, and has since {@link of} said so, as far as can be told in a few seconds. */
  confirm(bundle: string): Promise<boolean>;
}

const RETRY = { first: 1000, most: 30_000 };
/** Milliseconds. */
const CONFIRM_LIMIT = 5000;

/** @param onAnswer an answer is there, or it can be asked again */
export function createPublication(publish: Publish | undefined, onAnswer: () => void): PublicationState {
  let asked: string | undefined;
  let held: { readonly bundle: string; readonly holding: AbortSignal } | undefined;
  let failures = 0;
  // API servers that lag may see what was there in between: the time counts anew from when it holds again.
  const lose = (holding: AbortSignal): void => {
    if (held?.holding !== holding) return;
    held = undefined;
    asked = undefined;
    onAnswer();
  };
  const hold = (bundle: string, holding: AbortSignal): void => {
    held = { bundle, holding };
    if (holding.aborted) lose(holding);
    else holding.addEventListener("abort", () => lose(holding), { once: true });
  };
  const publishing = async (bundle: string, by: Publish): Promise<void> => {
    try {
      const holding = await by(bundle);
      failures = 0;
      if (asked === bundle) hold(bundle, holding);
    } catch {
      // The registrar tells of it.
      await sleep(backoff(++failures, RETRY), undefined, { ref: false });
      if (asked === bundle) asked = undefined;
    }
    onAnswer();
  };
  return {
    of(bundle) {
      if (publish === undefined) return "nobody";
      if (bundle === held?.bundle) return "holds";
      return bundle === asked ? "asked" : "unasked";
    },
    ask(bundle) {
      if (publish === undefined) return;
      asked = bundle;
      // What is on its way may take the place of what was held.
      if (held?.bundle !== bundle) held = undefined;
      void publishing(bundle, publish);
    },
    async confirm(bundle) {
      if (publish === undefined) return true;
      const late = sleep(CONFIRM_LIMIT, false, { ref: false });
      const holds = publish(bundle).then(
        (holding) => held?.holding === holding && !holding.aborted,
        () => false,
      );
      return await Promise.race([holds, late]);
    },
  };
}
