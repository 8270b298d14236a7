/**
 * A registration that leads to another Service, such as that of Flyte's webhook, is taken over only when this one's
 * leads here: until then pods would be refused that somebody else answers for. The process cannot see its Service; it
 * sees that the kubelet asks whether it is ready, and knows how long the cluster takes to learn the answer.
 */
import type { DesiredRegistration } from "./desired-registration.ts";
import { callsTheSame } from "./drift.ts";
import type { WebhookConfiguration } from "./webhook-configuration.ts";

export interface Handover {
  /** A probe was answered: ready, as far as the registration goes. */
  readonly probed: () => void;
  /** @returns milliseconds for which the registration is still left to whom it leads to */
  readonly pause: (live: WebhookConfiguration | undefined) => number;
}

/** From the first probe until the Service leads here, in milliseconds; as long as a replica that ends serves on. */
const LEARNED_IN = 10_000;
/** After that somebody without probes is taken to be reachable. */
const UNPROBED_FOR = 60_000;

/** @param now milliseconds, on a clock that only goes forward */
export function createHandover(desired: DesiredRegistration, onProbe: () => void, now: () => number): Handover {
  const started = now();
  let first: number | undefined;
  return {
    probed: () => {
      if (first !== undefined) return;
      first = now();
      onProbe();
    },
    pause: (live) => {
      if (!leadsElsewhere(live, desired)) return 0;
      const due = first === undefined ? started + UNPROBED_FOR : first + LEARNED_IN;
      return Math.max(0, due - now());
    },
  };
}

/** Whether pods are sent to another Service, and are to be sent to one that may not be known yet. */
function leadsElsewhere(live: WebhookConfiguration | undefined, { entry }: DesiredRegistration): boolean {
  const other = live?.webhooks?.find(({ name }) => name === entry.name);
  const isByService = entry.clientConfig.service !== undefined && other?.clientConfig.service !== undefined;
  return other !== undefined && isByService && !callsTheSame(other.clientConfig, entry.clientConfig);
}
