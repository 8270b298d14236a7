/** `pod-secrets injectors`: which secret managers there are, and what each is for. */
import type { InjectorPlugin } from "@pod-secrets/core";

import { BUILT_IN_INJECTORS } from "../../../compose/every-built-in.ts";
import { checkFile } from "../../../compose/from-file.ts";
import type { ReadyManager } from "../../../compose/managers.ts";
import { optionRows, type OptionRow } from "../../../config/option-rows.ts";
import { formatProblem } from "../../../config/problems.ts";
import { jsonSchemaOf } from "../../../config/schema-keys.ts";
import type { Invocation } from "../../command.ts";
import type { ExitCodeName } from "../../exit-codes.ts";
import { paintFor, print, say, type Paint, type Streams } from "../../streams.ts";

/** Runs the command. */
export async function run(invocation: Invocation, streams: Streams): Promise<ExitCodeName> {
  const configured = await configuredManagers(invocation.value("config"), streams);
  if (configured === undefined) return "misuse";
  const listed = listManagers(configured);
  const text =
    invocation.value("output") === "json"
      ? listed.map((manager) => `${JSON.stringify(toRecord(manager))}\n`).join("")
      : toText(listed, paintFor(streams.stdout));
  await print(streams, text);
  return "done";
}

/** The managers of `--config`, in order; undefined when it is wrong. */
async function configuredManagers(
  file: string | undefined,
  streams: Streams,
): Promise<readonly ReadyManager[] | undefined> {
  if (file === undefined) return [];
  const checked = await checkFile(file);
  for (const warning of checked.warnings) say(streams, formatProblem(warning));
  if (checked.ok) return checked.managers;
  for (const problem of checked.problems) say(streams, formatProblem(problem));
  return undefined;
}

interface ListedManager {
  readonly plugin: InjectorPlugin;
  readonly builtIn: boolean;
  /** Its turn, from 1, among the managers of the config; undefined when it is not in it. */
  readonly turn?: number;
}

/** Those of the config in its order, then the other built-in ones. */
function listManagers(configured: readonly ReadyManager[]): readonly ListedManager[] {
  const inUse = configured.map(({ plugin, builtIn }, index) => ({ plugin, builtIn, turn: index + 1 }));
  const rest = BUILT_IN_INJECTORS.filter((plugin) => !inUse.some((manager) => manager.plugin === plugin));
  return [...inUse, ...rest.map((plugin) => ({ plugin, builtIn: true }))];
}

function toRecord({ plugin, builtIn, turn }: ListedManager): object {
  const { name, meta, options, errors = {} } = plugin;
  const { summary, group, key, mounts, stability } = meta;
  const about = { name, builtIn, summary, group, key, mounts, stability };
  return { ...about, turn: turn ?? null, options: jsonSchemaOf(options) ?? null, errors: Object.keys(errors) };
}

function toText(listed: readonly ListedManager[], paint: Paint): string {
  return listed.map((manager) => `${describe(manager, paint).join("\n")}\n`).join("\n");
}

function describe({ plugin, builtIn, turn }: ListedManager, paint: Paint): readonly string[] {
  const { name, meta } = plugin;
  const facts = [
    meta.stability,
    builtIn ? "built in" : "package",
    ...(turn === undefined ? [] : [`asked as no. ${turn}`]),
  ];
  const schema = jsonSchemaOf(plugin.options);
  const rows = schema === undefined ? [] : optionRows(schema);
  const options = rows.filter(({ path }) => !path.includes("."));
  return [
    `${paint("bold", name)}  ${paint("dim", facts.join(", "))}`,
    `  ${meta.summary}`,
    `  gives    ${meta.mounts.map((mount) => (mount === "FILE" ? "files" : "env vars")).join(" and ")}`,
    `  group    ${meta.group}`,
    `  key      ${meta.key}`,
    ...options.map((row, index) => `  ${index === 0 ? "options  " : "         "}${optionText(row, rows)}`),
  ];
}

function optionText({ path, type, default: unlessSet, isRequired }: OptionRow, rows: readonly OptionRow[]): string {
  if (unlessSet !== undefined) return `${path}: ${type}; ${unlessSet} unless set`;
  const keys = rows.flatMap(({ path: below }) => keyBelow(below, path) ?? []);
  const kind = keys.length === 0 ? type : `${type} of ${keys.join(", ")}`;
  return `${path}: ${kind}${isRequired ? "; required" : ""}`;
}

/** `image` of `fetcher.image`, for `fetcher`. What is below that is left to docs/configuration.md. */
function keyBelow(path: string, mapping: string): string | undefined {
  const key = path.startsWith(`${mapping}.`) ? path.slice(mapping.length + 1) : "";
  return key === "" || key.includes(".") ? undefined : key;
}
