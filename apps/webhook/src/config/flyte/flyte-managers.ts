/** Flyte's `secretManagerType(s)` and the managers' own settings -> `managers:` of our format. */
import { quoted, isJsonObject } from "@pod-secrets/core";

import type { Draft, FlyteEntry } from "./flyte-draft.ts";
import { convertEmbedded, refuseUnnamedEmbedded } from "./flyte-embedded.ts";
import { setOption, setResources, settingsOf, type Amounts, type Target } from "./flyte-settings.ts";
import { nearestName } from "../nearest-name.ts";
import type { Path } from "../problems.ts";

type Available = "Global" | "K8s" | "AWS" | "GCP" | "Azure" | "Vault" | "Embedded";
type Unavailable = "Confidant";
type FlyteManager = Available | Unavailable;

/** The first five by their numbers, which v1 takes too (`SecretManagerType`, v1.16.8). */
const NAMES: readonly FlyteManager[] = ["Global", "K8s", "AWS", "GCP", "Vault", "Azure", "Embedded", "Confidant"];
const NUMBERED = 5;
const V2_NAMES: ReadonlySet<FlyteManager> = new Set(["Azure", "Embedded"]);

const INSTEAD: Readonly<Record<Unavailable, string>> = {
  Confidant: "Write a config file of our own format with `use: confidant`; `pod-secrets injectors` shows its options.",
};

interface ChosenManager {
  readonly name: FlyteManager;
  readonly from: Path;
}

interface Manager {
  readonly use: string;
  readonly options: Record<string, unknown>;
}

/**
 * Sets the managers of the draft.
 * @param entries keys of the section `webhook`
 * @param hasV2Keys whether some of them are v2's
 * @returns whether the file is v2's, also by the managers that it names
 */
export function convertManagers(entries: readonly FlyteEntry[], hasV2Keys: boolean, draft: Draft): boolean {
  const chosen = chosenManagers(entries, hasV2Keys, draft);
  const managers: Manager[] = [];
  const add = (use: string, from: Path): Target => {
    const path = ["managers", managers.length];
    const manager: Manager = { use, options: {} };
    managers.push(manager);
    draft.origin(path, from);
    draft.origin([...path, "use"], from);
    return { options: manager.options, path: [...path, "options"], draft };
  };
  for (const { name, from } of chosen.values()) addManager(name, from, entries, add, draft);
  draft.set(["managers"], managers, ["webhook"]);
  warnOfUnchosen(entries, chosen, draft);
  return hasV2Keys || [...chosen.keys()].some((name) => V2_NAMES.has(name));
}

function addManager(
  name: FlyteManager,
  from: Path,
  entries: readonly FlyteEntry[],
  add: (use: string, from: Path) => Target,
  draft: Draft,
): void {
  switch (name) {
    // Global secrets are always asked first.
    case "Global":
      break;
    case "K8s":
      add("k8s", from);
      break;
    case "AWS":
    case "GCP":
    case "Azure":
      convertCloud(name, add(name.toLowerCase(), from), entries);
      break;
    case "Vault":
      convertVault(
        { kv1: add("vault-kv1", from), kv2: add("vault-kv2", from), db: add("vault-db", from) },
        entries,
        draft,
      );
      break;
    case "Embedded":
      convertEmbedded(add("embedded", from), from, entries);
      break;
    default:
      draft.problem(
        "E_CONFIG_UNAVAILABLE",
        from,
        `Flyte's manager ${name} has no settings in Flyte's file`,
        INSTEAD[name],
      );
  }
}

/** By name, in order. The list wins over the single one; without both Flyte's default counts. */
function chosenManagers(
  entries: readonly FlyteEntry[],
  hasV2Keys: boolean,
  draft: Draft,
): ReadonlyMap<FlyteManager, ChosenManager> {
  const list = entries.find(({ name }) => name === "secretmanagertypes");
  const single = entries.find(({ name }) => name === "secretmanagertype");
  const chosen = new Map<FlyteManager, ChosenManager>();
  const choose = (value: unknown, from: Path): void => {
    const name = managerName(value, from, draft);
    if (name !== undefined && !chosen.has(name)) chosen.set(name, { name, from });
  };
  if (list !== undefined && Array.isArray(list.value) && list.value.length > 0)
    for (const [index, value] of list.value.entries()) choose(value, ["webhook", list.key, index]);
  else if (list !== undefined && !isEmptyList(list.value))
    draft.problem("E_CONFIG_TYPE", ["webhook", list.key], `key "webhook.${list.key}" must be a list`, "Write `[K8s]`.");
  else if (single !== undefined) choose(single.value, ["webhook", single.key]);
  // Flyte v2.0.29 and later: Embedded; v1: K8s.
  else if (hasV2Keys) refuseUnnamedEmbedded(["webhook"], draft);
  else choose("K8s", ["webhook"]);
  return chosen;
}

function isEmptyList(value: unknown): boolean {
  return value === null || (Array.isArray(value) && value.length === 0);
}

function managerName(value: unknown, from: Path, draft: Draft): FlyteManager | undefined {
  const text = typeof value === "number" || typeof value === "string" ? String(value) : "";
  const numbered = /^[0-9]$/.test(text) && Number(text) < NUMBERED ? NAMES[Number(text)] : undefined;
  const name = numbered ?? NAMES.find((known) => known.toLowerCase() === text.toLowerCase());
  if (name !== undefined) return name;
  const near = nearestName(text, NAMES);
  const meant = near === undefined ? "" : `Did you mean ${near}? `;
  const message = `unknown secret manager ${quoted(text)}`;
  draft.problem(
    "E_CONFIG_UNKNOWN_MANAGER",
    from,
    message,
    `${meant}Flyte's managers that work here: K8s, AWS, GCP, Azure, Vault, Embedded, Global.`,
  );
  return undefined;
}

const SIDECAR_AMOUNTS: Amounts = { cpu: "200m", memory: "500Mi" };

/** Flyte's three sidecars have the same settings, and are the default here as well. */
function convertCloud(manager: "AWS" | "GCP" | "Azure", target: Target, entries: readonly FlyteEntry[]): void {
  for (const { name, value, from } of settingsOf(`${manager.toLowerCase()}secretmanager`, entries, target.draft)) {
    if (name === "sidecarimage") setOption(target, "image", value, from);
    else if (name === "resources") setResources(target, SIDECAR_AMOUNTS, value, from);
    else target.draft.unknown(from, ["sidecarImage", "resources"]);
  }
}

interface VaultTargets {
  readonly kv1: Target;
  readonly kv2: Target;
  readonly db: Target;
}

/** Flyte's one Vault manager is three here, by engine. */
function convertVault({ kv1, kv2, db }: VaultTargets, entries: readonly FlyteEntry[], draft: Draft): void {
  for (const { name, value, from } of settingsOf("vaultsecretmanager", entries, draft)) {
    if (name === "role") for (const target of [kv1, kv2, db]) setOption(target, "role", value, from);
    else if (name === "annotations") for (const target of [kv1, kv2, db]) setAnnotations(target, value, from);
    else if (name === "kvversion") setKeyValueVersion(kv1, kv2, value, from, draft);
    else draft.unknown(from, ["role", "kvVersion", "annotations"]);
  }
}

/** The engine of requests without a group version. Flyte reads an unquoted number as an index; here 1 is 1. */
function setKeyValueVersion(kv1: Target, kv2: Target, value: unknown, from: Path, draft: Draft): void {
  const version = typeof value === "number" || typeof value === "string" ? String(value) : "";
  if (version !== "1" && version !== "2") {
    draft.problem("E_CONFIG_VALUE", from, `key "${from.join(".")}" must be "1" or "2"`, 'Write "1" or "2".');
    return;
  }
  setOption(kv1, "unversioned", version === "1", from);
  setOption(kv2, "unversioned", version === "2", from);
}

/** A mapping, or a list of mappings as Flyte before v1.16.7 needed it for keys with dots. */
function setAnnotations(target: Target, value: unknown, from: Path): void {
  if (!Array.isArray(value)) return setOption(target, "annotations", value, from);
  const merged = new Map<string, unknown>();
  for (const [index, item] of value.entries()) {
    if (!isJsonObject(item)) return setOption(target, "annotations", value, from);
    for (const [name, annotation] of Object.entries(item)) {
      merged.set(name, annotation);
      target.draft.origin([...target.path, "annotations", name], [...from, index, name]);
    }
  }
  setOption(target, "annotations", Object.fromEntries(merged), from);
}

const SETTINGS_OF: ReadonlyMap<string, FlyteManager> = new Map([
  ["awssecretmanager", "AWS"],
  ["gcpsecretmanager", "GCP"],
  ["azuresecretmanager", "Azure"],
  ["vaultsecretmanager", "Vault"],
  ["embeddedsecretmanagerconfig", "Embedded"],
]);

function warnOfUnchosen(
  entries: readonly FlyteEntry[],
  chosen: ReadonlyMap<FlyteManager, ChosenManager>,
  draft: Draft,
): void {
  for (const { key, name } of entries) {
    const manager = SETTINGS_OF.get(name);
    if (manager === undefined || chosen.has(manager)) continue;
    draft.warning(
      "W_CONFIG_UNUSED",
      ["webhook", key],
      `key "webhook.${key}" has no effect here: ${manager} is not the secret manager`,
      `Set secretManagerType to ${manager} if it is meant.`,
    );
  }
}
