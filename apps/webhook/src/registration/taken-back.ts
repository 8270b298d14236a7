/**
 * A registration that `pod-secrets unregister` takes back: whoever ran then remembers it, also when the object that said
 * so is gone, and leaves it so until somebody who started later has registered again.
 */
import { parseStamp } from "./stamp.ts";
import { ANNOTATIONS, type WebhookConfiguration } from "./webhook-configuration.ts";

export interface TakenBack {
  /** Of the object that was marked. */
  readonly uid: string | undefined;
  /** When, in milliseconds since 1970. */
  readonly at: number;
}

/** @returns nothing for one that is not marked */
export function takenBack({ metadata }: WebhookConfiguration): TakenBack | undefined {
  const at = Date.parse(metadata.annotations?.[ANNOTATIONS.unregistered] ?? "");
  return Number.isNaN(at) ? undefined : { uid: metadata.uid, at };
}

/**
 * Whether nobody has registered again since. A view of the marked object from before the mark, as an API server that lags
 * behind may give it, is none of somebody else.
 * @param live as it is now; nothing when it is not there
 */
export function isStillTakenBack(live: WebhookConfiguration | undefined, { uid, at }: TakenBack): boolean {
  if (live === undefined) return true;
  const stamp = parseStamp(live.metadata.annotations?.[ANNOTATIONS.desired]);
  return live.metadata.uid === uid && (stamp === undefined || stamp.since <= at);
}
