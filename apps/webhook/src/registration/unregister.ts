/** Takes a registration back for good, while replicas run that would put it back. */
import { setTimeout as sleep } from "node:timers/promises";
import { quoted } from "@pod-secrets/core";

import type { AppError } from "../errors.ts";
import { mutatingConfigurationPath } from "../kubernetes/api-paths.ts";
import { isPassing, kubernetesAppError } from "../kubernetes/app-errors.ts";
import { backoff, type BackoffLimits } from "../kubernetes/backoff.ts";
import { KubernetesError, type KubernetesClient, type PatchOperation } from "../kubernetes/kubernetes-client.ts";
import type { DesiredRegistration } from "./desired-registration.ts";
import { pointerStep } from "./drift.ts";
import { foreignRegistration } from "./foreign.ts";
import { foreignOwner } from "./plan.ts";
import { ANNOTATIONS, type WebhookConfiguration } from "./webhook-configuration.ts";

export interface Unregistering {
  readonly client: KubernetesClient;
  readonly desired: DesiredRegistration;
  /** Milliseconds in which running replicas see that it is meant. */
  readonly wait: number;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** Milliseconds for which each step is tried: others may write at the same time, and the API server may be busy. */
  readonly patience: number;
  /** A try failed that may succeed later. */
  readonly onWaiting?: (error: KubernetesError) => void;
}

/** Waits between two tries, in milliseconds. */
const RETRY: BackoffLimits = { first: 100, most: 5000 };

/**
 * Empties it, so that it calls nobody; then deletes it.
 * @throws AppError `E_REGISTRATION_OWNER` when it is somebody else's, and for what the API server does not do
 */
export async function unregister(options: Unregistering): Promise<"removed" | "not there"> {
  const { client, desired, wait } = options;
  const path = mutatingConfigurationPath(desired.name);
  const marked = await repeated(options, () => mark(path, options)).catch((error: unknown) => {
    throw error instanceof KubernetesError ? kubernetesAppError(error, "unregistering the webhook") : error;
  });
  if (marked === undefined) return "not there";
  await sleep(wait);
  const remove = (): Promise<void> => client.remove(path, marked.metadata.uid).catch(ignoreGone);
  await repeated(options, remove).catch((error: unknown) => {
    throw error instanceof KubernetesError ? leftEmpty(desired.name, error) : error;
  });
  return "removed";
}

/** The first step is done, and all that counts with it. */
function leftEmpty(name: string, error: KubernetesError): AppError {
  const shown = quoted(name, 253);
  const doing = `the webhook is unregistered: registration ${shown} is empty and calls nobody any more; but deleting it`;
  const fix = `Run this again as a user who may, or \`kubectl delete mutatingwebhookconfiguration ${name}\`.`;
  return kubernetesAppError(error, doing, fix);
}

/** @returns nothing when it is not there */
async function mark(
  path: string,
  { client, desired, clock }: Unregistering,
): Promise<WebhookConfiguration | undefined> {
  const live = await client.get<WebhookConfiguration>(path).catch(ignoreGone);
  if (live === undefined) return undefined;
  const owner = foreignOwner(live, desired);
  if (owner !== undefined) throw foreignRegistration(desired, owner);
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

/** @throws KubernetesError for what does not pass, or not in time */
async function repeated<Result>(
  { patience, onWaiting }: Pick<Unregistering, "patience" | "onWaiting">,
  work: () => Promise<Result>,
): Promise<Result> {
  const giveUp = performance.now() + patience;
  for (let failures = 1; ; failures += 1) {
    try {
      // oxlint-disable-next-line no-await-in-loop -- one try after the other
      return await work();
    } catch (error) {
      if (!(error instanceof KubernetesError && isPassing(error)) || performance.now() > giveUp) throw error;
      onWaiting?.(error);
      // oxlint-disable-next-line no-await-in-loop -- one try after the other
      await sleep(backoff(failures, RETRY));
    }
  }
}
