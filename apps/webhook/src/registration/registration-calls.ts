/** Calls of the API for a registration that is kept: what fails is tried again later, and told. */
import { MUTATING_CONFIGURATIONS, mutatingConfigurationPath } from "../kubernetes/api-paths.ts";
import { backoff, type BackoffLimits } from "../kubernetes/backoff.ts";
import { KubernetesError, type KubernetesClient } from "../kubernetes/kubernetes-client.ts";
import { planOf, sees, type Keeping, type KeepingTools } from "./keeping.ts";
import { findOwner } from "./owner-lookup.ts";
import type { Writing } from "./registration-status.ts";
import type { WebhookConfiguration } from "./webhook-configuration.ts";

/** So many writes may be too late before they are made less often. */
const REPLICAS_AT_ONCE = 3;
/** After a write that failed. */
const WRITE_BACKOFF: BackoffLimits = { first: 500, most: 30_000 };

/** As it is wanted, if there is anything to write. Never throws. */
export async function writeRegistration(keeping: Keeping, tools: KeepingTools): Promise<void> {
  await orLater("writing the registration", keeping, tools, async () => {
    // An owner that is on its way out with its installation takes the registration along: then it is not made again.
    const owner = keeping.live?.object === undefined ? findOwnerFor(keeping, tools) : undefined;
    await Promise.all([owner, lookUpBundle(keeping, tools)]);
    const next = planOf(keeping, tools);
    if (next?.do !== "create" && next?.do !== "patch") return;
    const before = keeping.live?.object;
    sees(await send(tools.client, tools.desired.name, next), keeping, tools);
    tools.status.wrote(next, writeOf(next, keeping), before);
  });
}

/** Never throws. */
export async function lookUpOwner(keeping: Keeping, tools: KeepingTools): Promise<void> {
  await orLater("looking for the owner of the registration", keeping, tools, () => findOwnerFor(keeping, tools));
}

async function findOwnerFor(keeping: Keeping, { client, desired }: KeepingTools): Promise<void> {
  const owner = await findOwner(client, desired.owner);
  if (owner !== undefined) keeping.owner = owner;
}

/**
 * A replica that lags must not put back a bundle that is out of date. It looks after it has read the registration, and
 * writes only if that is still the same: whoever has published a later bundle meanwhile is not undone.
 */
async function lookUpBundle(keeping: Keeping, { currentBundle }: KeepingTools): Promise<void> {
  const bundle = await currentBundle?.();
  if (bundle === undefined || bundle === keeping.bundle) return;
  keeping.bundle = bundle;
  keeping.isNew = true;
}

/** Does something with the API server; when it fails, what follows has to wait. */
async function orLater(doing: string, keeping: Keeping, tools: KeepingTools, work: () => Promise<void>): Promise<void> {
  try {
    await work();
    Object.assign(keeping, { failures: 0, due: undefined });
  } catch (error) {
    keeping.failures += 1;
    keeping.due = performance.now() + backoff(keeping.failures, WRITE_BACKOFF);
    if (isOutdated(error)) await readAgain(keeping, tools);
    else tools.status.failed(error, doing);
  }
}

/** Somebody was quicker: then what is there now counts. */
function isOutdated(error: unknown): boolean {
  return error instanceof KubernetesError && (error.failure === "conflict" || error.failure === "exists");
}

async function readAgain(keeping: Keeping, { client, desired, status }: KeepingTools): Promise<void> {
  try {
    const object = await client.get<WebhookConfiguration>(mutatingConfigurationPath(desired.name));
    sees(object, keeping, { desired });
    // Once or twice in a row is the other replicas; more is somebody who never stops.
    if (keeping.failures <= REPLICAS_AT_ONCE) keeping.due = undefined;
  } catch (error) {
    if (error instanceof KubernetesError && error.failure === "not-found") sees(undefined, keeping, { desired });
    else status.failed(error, "reading the registration");
  }
}

function writeOf(next: Writing, { isNew, isBroken }: Keeping): "create" | "publish" | "repair" {
  if (isBroken && !isNew) return "repair";
  return next.do === "create" ? "create" : "publish";
}

function send(client: KubernetesClient, name: string, next: Writing): Promise<WebhookConfiguration> {
  return next.do === "create"
    ? client.create(MUTATING_CONFIGURATIONS, next.object)
    : client.patch(mutatingConfigurationPath(name), next.operations);
}
