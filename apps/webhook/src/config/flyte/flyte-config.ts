/**
 * A config file of Flyte, as it is -> our own format. Keys and defaults as in Flyte v1.16.8
 * (`flytepropeller/pkg/webhook/config`) and v2.0.x (`flyteplugins/go/tasks/pluginmachinery/secret/config`).
 */
import { quoted, isJsonObject } from "@pod-secrets/core";

import { createDraft, type Draft } from "./flyte-draft.ts";
import { CERTIFICATE_KEYS, convertCertificates } from "./flyte-certificates.ts";
import type { Environment } from "./flyte-env-vars.ts";
import { convertManagers } from "./flyte-managers.ts";
import { UNUSED_REASONS, V2_KEYS, WEBHOOK_KEYS } from "./flyte-keys.ts";
import { convertPropeller, convertRegistration, REGISTRATION_KEYS } from "./flyte-registration.ts";
import type { Problem } from "../problems.ts";
import type { Sections } from "../sections.ts";

export interface ConvertedSections extends Sections {
  readonly warnings: readonly Problem[];
}

/** The sections that count; Flyte keeps much else in the same files. */
export const SECTIONS: ReadonlySet<string> = new Set(["webhook", "secrets"]);

/** Keys of our own format that Flyte's files do not have. */
export const OWN_KEYS: readonly string[] = [
  "profile",
  "onFailure",
  "envPrefix",
  "mountRoot",
  "global",
  "managers",
  "registration",
  "initCerts",
];

/** Whether a config is Flyte's: it has one of the two sections at its top level. */
export function isFlyteConfig(value: unknown): boolean {
  return isJsonObject(value) && [...SECTIONS].some((section) => Object.hasOwn(value, section));
}

/**
 * Converts Flyte's sections. What has no effect here becomes a warning; places still point into Flyte's file.
 * @param environment for variables in `certDir` and `kube-config`
 */
export function convertFlyteConfig(sections: Sections, environment: Environment): ConvertedSections {
  const value = isJsonObject(sections.value) ? sections.value : {};
  const draft = createDraft(sections.locate);
  for (const key of OWN_KEYS) {
    if (!Object.hasOwn(value, key)) continue;
    const message = `key ${quoted(key)} is of our own format, and ${flyteSection(sections, key)} makes this a config of Flyte`;
    draft.problem("E_CONFIG_MIXED", [key], message, "Use either Flyte's sections or our own keys.", "key");
  }
  convertSecrets(value["secrets"], draft);
  convertWebhook(value["webhook"], draft, environment);
  convertPropeller(value["propeller"], draft, environment);
  // Flyte lays files over each other, in the order of their names.
  const mine = sections.problems.filter(({ code }) => code !== "E_CONFIG_DUPLICATE_SECTION");
  const { problems, warnings, locate } = draft;
  return { value: draft.value, problems: [...mine, ...problems], warnings, readable: sections.readable, locate };
}

/** What tells that a config is Flyte's, with its file where that is another one. */
function flyteSection({ value, locate }: Sections, otherKey: string): string {
  const section = [...SECTIONS].find((name) => isJsonObject(value) && Object.hasOwn(value, name)) ?? "webhook";
  const { file } = locate([section]);
  return `\`${section}:\`${file === locate([otherKey]).file ? "" : ` in ${quoted(file, 255)}`}`;
}

function convertSecrets(section: unknown, draft: Draft): void {
  for (const { key, name, value } of draft.entries(["secrets"], section)) {
    if (name === "secrets-prefix") draft.set(["global", "directory"], value, ["secrets", key]);
    else if (name === "env-prefix") draft.set(["global", "envPrefix"], value, ["secrets", key]);
    else if (name !== "type") draft.unknown(["secrets", key], ["secrets-prefix", "env-prefix", "type"]);
    else if (value !== "local") draft.warning("W_CONFIG_UNUSED", ["secrets", key], otherTypeMessage(key));
  }
}

/** Flyte knows one type, `local`. */
function otherTypeMessage(key: string): string {
  return `key ${quoted(`secrets.${key}`)} has no effect here: global secrets are the webhook's own env vars and files`;
}

/** Keys of `webhook` that become one key of ours. */
const MOVED_KEYS: ReadonlyMap<string, readonly string[]> = new Map([
  ["listenport", ["server", "port"]],
  ["secretenvvarprefix", ["envPrefix"]],
]);

/** Keys that are not converted one by one. */
const JOINT_KEYS: ReadonlySet<string> = new Set([
  ...REGISTRATION_KEYS,
  ...CERTIFICATE_KEYS,
  "secretmanagertype",
  "secretmanagertypes",
  "awssecretmanager",
  "gcpsecretmanager",
  "azuresecretmanager",
  "embeddedsecretmanagerconfig",
  "vaultsecretmanager",
]);

function convertWebhook(section: unknown, draft: Draft, environment: Environment): void {
  const entries = draft.entries(["webhook"], section);
  for (const { key, name, value } of entries) {
    const target = MOVED_KEYS.get(name);
    if (target !== undefined) draft.set(target, value, ["webhook", key]);
    else if (!JOINT_KEYS.has(name)) unusedKey(key, name, draft);
  }
  convertCertificates(entries, draft, environment);
  convertRegistration(entries, draft);
  const hasV2Keys = entries.some(({ name }) => V2_KEYS.has(name));
  if (convertManagers(entries, hasV2Keys, draft)) draft.set(["profile"], "flyte-v2", ["webhook"]);
}

function unusedKey(key: string, name: string, draft: Draft): void {
  const reason = UNUSED_REASONS.get(name);
  if (reason === undefined) return draft.unknown(["webhook", key], WEBHOOK_KEYS);
  draft.warning("W_CONFIG_UNUSED", ["webhook", key], `key ${quoted(`webhook.${key}`)} has no effect here: ${reason}`);
}
