/** Takes a registration back for good, while replicas run that would put it back. */
import { setTimeout as sleep } from "node:timers/promises";
import { quoted } from "@pod-secrets/core";

import { AppError } from "../errors.ts";
import { mutatingConfigurationPath } from "../kubernetes/api-paths.ts";
import { isPassing, kubernetesAppError } from "../kubernetes/app-errors.ts";
import { backoff, CALL_BACKOFF } from "../kubernetes/backoff.ts";
import { KubernetesError, type KubernetesClient, type PatchOperation } from "../kubernetes/kubernetes-client.ts";
import type { DesiredRegistration } from "./desired-registration.ts";
import { pointerStep } from "./drift.ts";
import { foreignOwner } from "./plan.ts";
import { ANNOTATIONS, type WebhookConfiguration } from "./webhook-configuration.ts";

export interface Unregistering {
  readonly client: KubernetesClient;
  readonly desired: DesiredRegistration;
  /** Milliseconds in which running replicas see that it is meant. */
  readonly wait: number;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
}

/** How often each step is tried: others may write at the same time, and the API server may be busy. */
const TRIES = 8;

/**
 * Empties it, so that it calls nobody; then deletes it.
 * @throws AppError `E_REGISTRATION_OWNER` when it is somebody else's, and for what the API server does not do
 */
export async function unregister(options: Unregistering): Promise<"removed" | "not there"> {
  const { client, desired, wait } = options;
  const path = mutatingConfigurationPath(desired.name);
  const marked = await repeated("unregistering the webhook", () => mark(path, options));
  if (marked === undefined) return "not there";
  await sleep(wait);
  await repeated("deleting the registration", () => client.remove(path, marked.metadata.uid).catch(ignoreGone));
  return "removed";
}

/** @returns nothing when it is not there */
async function mark(
  path: string,
  { client, desired, clock }: Unregistering,
): Promise<WebhookConfiguration | undefined> {
  const live = await client.get<WebhookConfiguration>(path).catch(ignoreGone);
  if (live === undefined) return undefined;
  const owner = foreignOwner(live, desired);
  if (owner !== undefined)
    throw new AppError(
      "E_REGISTRATION_OWNER",
      `registration ${quoted(desired.name, 253)} belongs to ${quoted(owner, 320)}, and is left alone`,
    );
  return client.patch<WebhookConfiguration>(path, markOperations(live, new Date(clock()).toISOString()));
}

function markOperations({ metadata }: WebhookConfiguration, time: string): readonly PatchOperation[] {
  const { annotations, resourceVersion } = metadata;
  const key = pointerStep(ANNOTATIONS.unregistered);
  return [
    { op: "test", path: "/metadata/resourceVersion", value: resourceVersion },
    annotations === undefined
      ? { op: "add", path: "/metadata/annotations", value: { [ANNOTATIONS.unregistered]: time } }
      : { op: "add", path: `/metadata/annotations/${key}`, value: time },
    { op: "add", path: "/webhooks", value: [] },
  ];
}

/** Somebody else was quicker, or it is another one by now. */
function ignoreGone(error: unknown): undefined {
  if (error instanceof KubernetesError && (error.failure === "not-found" || error.failure === "conflict"))
    return undefined;
  throw error;
}

/** @throws AppError for what does not pass */
async function repeated<Result>(doing: string, work: () => Promise<Result>): Promise<Result> {
  for (let tries = 1; ; tries += 1) {
    try {
      // oxlint-disable-next-line no-await-in-loop -- one try after the other
      return await work();
    } catch (error) {
      if (!(error instanceof KubernetesError)) throw error;
      if (!isPassing(error) || tries === TRIES) throw kubernetesAppError(error, doing);
      // oxlint-disable-next-line no-await-in-loop -- one try after the other
      await sleep(backoff(tries, CALL_BACKOFF));
    }
  }
}
