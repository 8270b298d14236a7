/** A time in which the registration held the wanted CAs without a break. */
import type { DesiredRegistration } from "./desired-registration.ts";
import type { WebhookConfiguration } from "./webhook-configuration.ts";

export interface Holding {
  /** As it is in the registration: PEM in base64. */
  readonly caBundle: string | undefined;
  /** Aborted when it is over. */
  readonly ending: AbortController;
}

/** What becomes of it with what is seen of the registration; whoever depends on it is told when it is over. */
export function stillHeld(
  holding: Holding | undefined,
  live: WebhookConfiguration | undefined,
  desired: DesiredRegistration,
): Holding | undefined {
  if (holding === undefined || holding.caBundle === caBundleOf(live, desired)) return holding;
  holding.ending.abort();
  return undefined;
}

/** Of a registration that is as it is wanted. */
export function heldFromNow(live: WebhookConfiguration | undefined, desired: DesiredRegistration): Holding {
  return { caBundle: caBundleOf(live, desired), ending: new AbortController() };
}

function caBundleOf(live: WebhookConfiguration | undefined, { entry }: DesiredRegistration): string | undefined {
  return live?.webhooks?.find(({ name }) => name === entry.name)?.clientConfig.caBundle;
}
