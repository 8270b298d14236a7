/** The parts of docs/configuration.md that are drawn from schemas. */
import type { InjectorMeta } from "@pod-secrets/core";

import type { DescribedManager } from "../config/json-schema.ts";
import { optionRows, type OptionRow } from "../config/option-rows.ts";
import type { JsonSchema } from "../config/schema-keys.ts";

/** A manager as the reference shows it. */
export interface ManagerEntry extends DescribedManager {
  readonly meta: InjectorMeta;
  /** Where its options stand: `options`, or `global`. */
  readonly place: "options" | "global";
}

/** Every key of the file, one line each, but for the managers' own options. */
export function keysReference(schema: JsonSchema): string {
  const rows = optionRows(schema).filter(({ path }) => !path.startsWith("managers[].options."));
  return rows.map(describeRow).join("\n");
}

/** What each manager is for, and its options. */
export function managersReference(managers: readonly ManagerEntry[]): string {
  return managers.map(describeManager).join("\n\n");
}

function describeManager({ name, meta, options, place }: ManagerEntry): string {
  const { summary, group, key, mounts } = meta;
  const gives = mounts.map((mount) => (mount === "FILE" ? "files" : "env vars")).join(" and ");
  const page = `- To set it up: [managers/${name}.md](managers/${name}.md)`;
  const facts = [`- Group: ${group}`, `- Key: ${key}`, `- Gives: ${gives}`, `- Stability: ${meta.stability}`, page];
  const rows = optionRows(options).map(describeRow);
  const list = rows.length === 0 ? "It has no options." : `Under \`${place}:\`\n\n${rows.join("\n")}`;
  return `### \`${name}\`\n\n${summary}\n\n${facts.join("\n")}\n\n${list}`;
}

function describeRow(row: OptionRow): string {
  const about = [row.type];
  if (row.isRequired) about.push("required");
  if (row.default !== undefined) about.push(`default \`${row.default}\``);
  const description = row.description === "" ? "" : ` ${row.description}`;
  return `- **\`${row.path}\`** (${about.join("; ")}).${description}`;
}

/**
 * Puts generated parts into a text, between `<!-- generated: NAME -->` and `<!-- end of NAME -->`.
 * @throws Error when the text has no such place
 */
export function withGenerated(text: string, parts: ReadonlyMap<string, string>): string {
  let result = text;
  for (const [name, part] of parts) {
    const start = `<!-- generated: ${name} -->\n`;
    const end = `\n<!-- end of ${name} -->`;
    const from = result.indexOf(start);
    const to = result.indexOf(end, from);
    if (from === -1 || to === -1) throw new Error(`no place for ${name}`);
    result = `${result.slice(0, from)}${start}\n${part}\n${result.slice(to)}`;
  }
  return result;
}
