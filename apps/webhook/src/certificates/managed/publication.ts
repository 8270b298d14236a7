/** Whether the registration is known to hold a bundle. */
import { setTimeout as sleep } from "node:timers/promises";

import { backoff } from "../../kubernetes/backoff.ts";
import type { Publication } from "./decide.ts";

/** Resolves when every entry of the registration holds the bundle. Rejects when that cannot be; it is asked again. */
export type Publish = (bundle: string) => Promise<void>;

export interface PublicationState {
  of(bundle: string): Publication;
  /** Starts to publish, and waits for nothing. */
  ask(bundle: string): void;
  /** Whether it still holds, as far as can be told in a few seconds. */
  confirm(bundle: string): Promise<boolean>;
}

const RETRY = { first: 1000, most: 30_000 };
/** Milliseconds. */
const CONFIRM_LIMIT = 5000;

/** @param onAnswer an answer is there, or it can be asked again */
export function createPublication(publish: Publish | undefined, onAnswer: () => void): PublicationState {
  let asked: string | undefined;
  let held: string | undefined;
  let failures = 0;
  const publishing = async (bundle: string, by: Publish): Promise<void> => {
    try {
      await by(bundle);
      failures = 0;
      if (asked === bundle) held = bundle;
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
      if (bundle === held) return "holds";
      return bundle === asked ? "asked" : "unasked";
    },
    ask(bundle) {
      if (publish === undefined) return;
      asked = bundle;
      void publishing(bundle, publish);
    },
    async confirm(bundle) {
      if (publish === undefined) return true;
      const late = sleep(CONFIRM_LIMIT, false, { ref: false });
      const holds = publish(bundle).then(
        () => true,
        () => false,
      );
      return await Promise.race([holds, late]);
    },
  };
}
