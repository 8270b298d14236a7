/** The text of a request -> what the program does, with everything checked that can be before the first call. */
import { quoted } from "@pod-secrets/core";
import type { StandardSchemaV1 } from "@standard-schema/spec";

import { FetchFailure } from "../failure.ts";
import { parseJsonObject } from "../json-object.ts";
import type { ProviderPlugin } from "../provider.ts";
import type { FetchItem, FetchRequest } from "./fetch-request.ts";
import type { PreparedItem, PreparedProvider, PreparedRequest } from "./prepared-request.ts";
import { fetchRequest } from "./schema.ts";
import { checkTargets } from "./targets.ts";

const DEFAULT_MODE = "0444";
/** Issues that one message names; the rest shows when these are mended. */
const SHOWN_ISSUES = 5;

/**
 * @param text JSON
 * @param plugins the kinds of stores that the program has
 * @throws FetchFailure `wrong-request`
 */
export async function prepareRequest(text: string, plugins: readonly ProviderPlugin[]): Promise<PreparedRequest> {
  const json = parseJsonObject(text);
  if (json === undefined) throw wrong("it is no JSON object", "Write it as docs/fetch.md shows.");
  checkVersion(json["version"]);
  const request = await checked(fetchRequest, json, "");
  const providers = await prepareProviders(request, plugins);
  const items = await Promise.all(request.items.map((item, index) => prepareItem(item, `items[${index}]`, providers)));
  checkTargets(items, request.folders ?? []);
  return {
    volume: request.volume,
    items,
    folders: request.folders ?? [],
    deadline: (request.deadlineSeconds ?? 60) * 1000,
    attempt: (request.attemptSeconds ?? 10) * 1000,
    concurrency: request.concurrency ?? 8,
    maxBytes: request.maxBytes ?? 1_048_576,
    refresh: (request.refreshSeconds ?? 300) * 1000,
  };
}

function checkVersion(version: unknown): void {
  if (version === 1) return;
  if (typeof version === "number" && version > 1)
    throw wrong(`it has version ${version}, and this program reads version 1`, "Use the image of the same release.");
  throw wrong("it has no version", 'Write "version": 1.');
}

async function prepareProviders(
  request: FetchRequest,
  plugins: readonly ProviderPlugin[],
): Promise<ReadonlyMap<string, PreparedProvider>> {
  const prepared = new Map<string, PreparedProvider>();
  for (const [name, { use, settings = {} }] of Object.entries(request.providers)) {
    const plugin = plugins.find((known) => known.name === use);
    if (plugin === undefined) {
      const known = plugins.map((each) => each.name).join(", ");
      throw wrong(`providers.${name}.use: there is no provider ${quoted(use)}`, `Use one of: ${known}.`);
    }
    // One after the other: the first that is wrong is the one that is named.
    // oxlint-disable-next-line no-await-in-loop
    const options = await checked(plugin.settings, settings, `providers.${name}.settings`);
    prepared.set(name, { name, plugin, settings: options });
  }
  return prepared;
}

async function prepareItem(
  item: FetchItem,
  place: string,
  providers: ReadonlyMap<string, PreparedProvider>,
): Promise<PreparedItem> {
  const provider = providers.get(item.provider);
  if (provider === undefined) {
    const known = [...providers.keys()].join(", ");
    throw wrong(`${place}.provider: ${quoted(item.provider)} is not in providers`, `Use one of: ${known}.`);
  }
  const source = await checked(provider.plugin.source, item.source, `${place}.source`);
  const { name, required = true, files = [], env = [] } = item;
  return {
    name,
    provider,
    source,
    // A schema gives its keys in its own order, whatever the order in the request.
    identity: JSON.stringify([provider.name, source]),
    required,
    files: files.map(({ path, mode = DEFAULT_MODE }) => ({ path, mode })),
    env,
  };
}

async function checked<Schema extends StandardSchemaV1>(
  schema: Schema,
  value: unknown,
  place: string,
): Promise<StandardSchemaV1.InferOutput<Schema>> {
  const result = await schema["~standard"].validate(value);
  if (result.issues === undefined) return result.value;
  const shown = result.issues
    .slice(0, SHOWN_ISSUES)
    .map(({ path = [], message }) => `${placeOf(place, path)}: ${message}`);
  const rest = result.issues.length - shown.length;
  throw wrong(shown.join("; ") + (rest > 0 ? `; and ${rest} more` : ""), "Correct it; docs/fetch.md has every key.");
}

function placeOf(place: string, path: readonly (PropertyKey | StandardSchemaV1.PathSegment)[]): string {
  const keys = path.map((segment) => (typeof segment === "object" ? segment.key : segment));
  const text = keys.map((key) => (typeof key === "number" ? `[${key}]` : `.${String(key)}`)).join("");
  return `${place}${text}`.replace(/^\./, "") || "the request";
}

function wrong(what: string, fix: string): FetchFailure {
  return new FetchFailure("wrong-request", `the request cannot be read: ${what}`, fix);
}
