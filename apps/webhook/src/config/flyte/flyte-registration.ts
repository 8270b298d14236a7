/** Flyte's registration with the API server -> `registration:` and `kubernetes:` of our format. */
import { resolve } from "node:path";

import { expandEnvVars, type Environment } from "./flyte-env-vars.ts";
import type { Draft, FlyteEntry } from "./flyte-draft.ts";

/** Keys of `webhook` that say what the registration is like, in lower case. */
export const REGISTRATION_KEYS: ReadonlySet<string> = new Set([
  "servicename",
  "serviceport",
  "namespaceselector",
  "disablecreatemutatingwebhookconfig",
]);

/**
 * Flyte registers itself unless it is told not to, under the name of its Service.
 * @param entries keys of the section `webhook`
 */
export function convertRegistration(entries: readonly FlyteEntry[], draft: Draft): void {
  const off = entries.find(({ name }) => name === "disablecreatemutatingwebhookconfig");
  if (off !== undefined && typeof off.value !== "boolean")
    return draft.problem(
      "E_CONFIG_TYPE",
      ["webhook", off.key],
      `key "webhook.${off.key}" must be true or false`,
      "Write true or false, without quotes.",
    );
  if (off?.value === true) return;
  draft.set(["registration"], {}, ["webhook"]);
  for (const { key, name, value } of entries) {
    const from = ["webhook", key];
    if (name === "servicename") {
      draft.set(["registration", "name"], value, from);
      draft.set(["registration", "service", "name"], value, from);
    } else if (name === "serviceport") draft.set(["registration", "service", "port"], value, from);
    // Flyte takes an empty one for none, which is all namespaces.
    else if (name === "namespaceselector" && value !== null)
      draft.set(["registration", "namespaceSelector"], value, from);
  }
}

/** Of the section `propeller`, which is mostly about other things, its way to the API server. */
export function convertPropeller(section: unknown, draft: Draft, environment: Environment): void {
  // Flyte keeps what is none of the webhook's here: it is not judged.
  if (typeof section !== "object" || section === null || Array.isArray(section)) return;
  const file = draft.entries(["propeller"], section).find(({ name }) => name === "kube-config");
  if (file === undefined || file.value === null || file.value === "") return;
  const from = ["propeller", file.key];
  const value =
    typeof file.value === "string" ? fileOf(expandEnvVars(file.value, from, draft, environment)) : file.value;
  draft.set(["kubernetes", "kubeconfig"], value, from);
}

/** Flyte's is relative to where the command runs, and ours to the config file. */
function fileOf(path: string): string {
  return path === "" ? path : resolve(path);
}
