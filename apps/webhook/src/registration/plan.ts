/** What is to be done with a registration as it is found. Pure: the registrar acts on it. */
import type { OwnerReference, PatchOperation } from "../kubernetes/kubernetes-client.ts";
import type { OtherCas } from "./ca-bundle.ts";
import { registrationManifest, type DesiredRegistration } from "./desired-registration.ts";
import { bundleDifferences, callsTheSame, differences, pointerStep, type Difference } from "./drift.ts";
import { formatStamp, parseStamp, stampOf, type Stamp } from "./stamp.ts";
import { isStillTakenBack, takenBack, type TakenBack } from "./taken-back.ts";
import { ANNOTATIONS, type WebhookConfiguration } from "./webhook-configuration.ts";

export interface Intent {
  readonly desired: DesiredRegistration;
  /** PEM; none when the bundle is left to others. */
  readonly bundle: string | undefined;
  readonly others: OtherCas;
  readonly owner: OwnerReference | undefined;
  /** When this process started, in milliseconds since 1970. */
  readonly since: number;
  /** It was taken back while this process ran. */
  readonly takenBack?: TakenBack | undefined;
}

export type Plan =
  | { readonly do: "nothing" }
  | { readonly do: "create"; readonly object: WebhookConfiguration }
  | {
      readonly do: "patch";
      readonly operations: readonly PatchOperation[];
      /** What changes. */
      readonly fields: readonly string[];
      /** It is nobody's so far, such as one that Flyte's webhook left. */
      readonly takesOver: boolean;
    }
  /** @param owner what is told of the other one */
  | { readonly do: "leave"; readonly because: "foreign"; readonly owner: string }
  | { readonly do: "leave"; readonly because: "unregistered" };

/** How long an unregistered one is left alone by everybody, in milliseconds: an installation may be on its way out. */
const UNREGISTERED_FOR = 60_000;
/**
 * How far clocks of nodes may be apart, in milliseconds. A stamp later than that is of a clock that was ahead: it would
 * have the say over whoever starts until that time has come.
 */
const CLOCK_SKEW = 300_000;

/**
 * @param live as it is; nothing when it is not there
 * @param now milliseconds since 1970
 */
export function planRegistration(live: WebhookConfiguration | undefined, intent: Intent, now: number): Plan {
  const { desired, bundle, owner, since } = intent;
  if (intent.takenBack !== undefined && isStillTakenBack(live, intent.takenBack))
    return { do: "leave", because: "unregistered" };
  const stamp = stampOf(desired, since);
  if (live === undefined) return { do: "create", object: stamped(registrationManifest(desired, bundle, owner), stamp) };
  const foreign = foreignOwner(live, desired);
  if (foreign !== undefined) return { do: "leave", because: "foreign", owner: foreign };
  const mark = takenBack(live);
  if (mark !== undefined && (since <= mark.at || now <= mark.at + UNREGISTERED_FOR))
    return { do: "leave", because: "unregistered" };
  return patchFor(live, differencesFor(live, intent, stamp, now));
}

/**
 * @param live as it is
 * @param own what this process wants
 * @param now milliseconds since 1970
 * @returns the stamp of a process that started later and wants something else; nothing when this one has the say
 */
export function laterWish(live: WebhookConfiguration, own: Stamp, now: number): Stamp | undefined {
  const theirs = parseStamp(live.metadata.annotations?.[ANNOTATIONS.desired]);
  if (theirs === undefined || theirs.hash === own.hash) return undefined;
  return theirs.since > own.since && theirs.since <= now + CLOCK_SKEW ? theirs : undefined;
}

function differencesFor(live: WebhookConfiguration, intent: Intent, stamp: Stamp, now: number): readonly Difference[] {
  const { desired, bundle, others, owner } = intent;
  const annotations = live.metadata.annotations ?? {};
  const isStamped = parseStamp(annotations[ANNOTATIONS.desired])?.hash === stamp.hash;
  const wanted = {
    desired,
    bundle,
    others,
    owner,
    annotations: {
      ...desired.annotations,
      [ANNOTATIONS.installation]: desired.installation,
      ...(isStamped ? {} : { [ANNOTATIONS.desired]: formatStamp(stamp) }),
    },
  };
  return laterWish(live, stamp, now) === undefined
    ? [...withoutMark(annotations), ...differences(live, wanted)]
    : bundleDifferences(live, wanted);
}

function stamped(object: WebhookConfiguration, stamp: Stamp): WebhookConfiguration {
  const annotations = { ...object.metadata.annotations, [ANNOTATIONS.desired]: formatStamp(stamp) };
  return { ...object, metadata: { ...object.metadata, annotations } };
}

function withoutMark(annotations: Readonly<Record<string, string>>): readonly Difference[] {
  if (annotations[ANNOTATIONS.unregistered] === undefined) return [];
  const path = `/metadata/annotations/${pointerStep(ANNOTATIONS.unregistered)}`;
  return [{ field: "annotations", operations: [{ op: "remove", path }] }];
}

function patchFor(live: WebhookConfiguration, found: readonly Difference[]): Plan {
  if (found.length === 0) return { do: "nothing" };
  const { resourceVersion, annotations } = live.metadata;
  return {
    do: "patch",
    // What was looked at must be what is changed.
    operations: [
      { op: "test", path: "/metadata/resourceVersion", value: resourceVersion },
      ...found.flatMap(({ operations }) => operations),
    ],
    fields: [...new Set(found.map(({ field }) => field))],
    takesOver: annotations?.[ANNOTATIONS.installation] === undefined,
  };
}

/** What is told of the owner, when it is not this installation. */
export function foreignOwner(live: WebhookConfiguration, desired: DesiredRegistration): string | undefined {
  const installation = live.metadata.annotations?.[ANNOTATIONS.installation];
  if (installation !== undefined)
    return installation === desired.installation ? undefined : `installation ${installation}`;
  const { webhooks = [] } = live;
  const isOurs = webhooks.some(
    ({ name, clientConfig }) => name === desired.entry.name || callsTheSame(clientConfig, desired.entry.clientConfig),
  );
  const [first] = webhooks;
  return first === undefined || isOurs ? undefined : `webhook ${first.name}`;
}
