/** What is known of a registration that is kept, and what follows from it. */
import type { KubernetesClient, OwnerReference } from "../kubernetes/kubernetes-client.ts";
import type { OtherCas } from "./ca-bundle.ts";
import type { DesiredRegistration } from "./desired-registration.ts";
import type { Handover } from "./handover.ts";
import { stillHeld, type Holding } from "./holding.ts";
import { planRegistration, type Plan } from "./plan.ts";
import type { RegistrationStatus } from "./registration-status.ts";
import type { RepairPace } from "./repair-pace.ts";
import type { TakenBack } from "./taken-back.ts";
import type { Wakeup } from "./wakeup.ts";
import type { WebhookConfiguration } from "./webhook-configuration.ts";

/** How long CAs of other replicas stay, in milliseconds; the kubelet of each node brings new files within two minutes. */
const OTHERS_STAY = 3_600_000;

/** What the loop knows; others change it, and wake the loop. */
export interface Keeping {
  /** As it was seen last; nothing when it was not seen yet. */
  live?: { readonly object: WebhookConfiguration | undefined };
  /** PEM of the CAs that the API server is to trust. */
  bundle?: string;
  /** What is wanted has just changed: then it is written at once, since nobody has undone it. */
  isNew: boolean;
  /** It was as it is wanted, and is no more. */
  isBroken: boolean;
  owner?: OwnerReference;
  /** The bundle of the registration, and since when it is the same, on the clock of `performance.now()`. */
  seen?: { readonly caBundle: string | undefined; readonly since: number };
  /** It was taken back while this process ran. */
  takenBack?: TakenBack | undefined;
  /** Writes that failed in a row. */
  failures: number;
  /** When it may be written next, on the clock of `performance.now()`. */
  due?: number | undefined;
  /** It was as it is wanted, and still has its CAs. */
  holding?: Holding | undefined;
  /** Called when it is as it is wanted, with a signal that is aborted when it has other CAs. */
  waiting: readonly ((holding: AbortSignal) => void)[];
}

export interface KeepingTools {
  readonly client: KubernetesClient;
  readonly desired: DesiredRegistration;
  readonly status: RegistrationStatus;
  readonly pace: RepairPace;
  readonly wakeup: Wakeup;
  readonly handover: Handover;
  /** The bundle as it is where all replicas look; nothing where it is only given. */
  readonly currentBundle: (() => Promise<string | undefined>) | undefined;
  readonly signal: AbortSignal;
  /** When the process started, in milliseconds since 1970. */
  readonly since: number;
  readonly clock: () => number;
}

/** @param object as it is now; nothing when it is not there */
export function sees(
  object: WebhookConfiguration | undefined,
  keeping: Keeping,
  { desired }: Pick<KeepingTools, "desired">,
): void {
  keeping.live = { object };
  keeping.holding = stillHeld(keeping.holding, object, desired);
}

/** @returns nothing as long as too little is known */
export function planOf(keeping: Keeping, tools: KeepingTools): Plan | undefined {
  const { live, bundle, owner, takenBack: mark } = keeping;
  const { desired, since, clock } = tools;
  if (live === undefined || (bundle === undefined && desired.caBundle !== "none")) return undefined;
  const others = otherCas(live.object, keeping, tools);
  return planRegistration(live.object, { desired, bundle, others, owner, since, takenBack: mark }, clock());
}

/** Only replicas with files need each other's CAs, and not for long. */
function otherCas(
  object: WebhookConfiguration | undefined,
  keeping: Keeping,
  { desired, clock }: KeepingTools,
): OtherCas {
  if (desired.caBundle !== "file") return { stay: false };
  const caBundle = object?.webhooks?.find(({ name }) => name === desired.entry.name)?.clientConfig.caBundle;
  if (keeping.seen?.caBundle !== caBundle || keeping.seen === undefined)
    keeping.seen = { caBundle, since: performance.now() };
  return performance.now() - keeping.seen.since < OTHERS_STAY ? { stay: true, now: clock() } : { stay: false };
}
