/** What the documents say is what the program does. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import * as z from "zod/mini";

import { FLAG_TEXTS } from "../src/command/flags.ts";
import { FAILURES } from "../src/failure.ts";
import { builtInProviders } from "../src/providers/built-in.ts";
import { prepareRequest } from "../src/request/prepare.ts";
import { fetchRequest } from "../src/request/schema.ts";

const root = join(import.meta.dirname, "../../..");
const document = readFileSync(join(root, "docs/fetch.md"), "utf8");
const rows = document.split("\n").filter((line) => line.startsWith("|"));
const cells = rows.map((row) =>
  row
    .split("|")
    .slice(1, -1)
    .map((cell) => cell.trim()),
);

/** Names of all properties in a JSON Schema, at any depth. */
function propertiesOf(schema: unknown): readonly string[] {
  if (typeof schema !== "object" || schema === null) return [];
  const own = "properties" in schema ? Object.keys(schema.properties as object) : [];
  return [...new Set([...own, ...Object.values(schema).flatMap(propertiesOf)])];
}

const namesOf = (schema: unknown): readonly string[] =>
  propertiesOf(z.toJSONSchema(schema as z.ZodMiniType, { unrepresentable: "any" }));

describe("docs/fetch.md", () => {
  test("shows requests that can be read", async () => {
    const examples = [...document.matchAll(/```json\n([\s\S]*?)```/g)].map(([, text = ""]) => text);
    expect(examples).not.toEqual([]);
    for (const example of examples) await expect(prepareRequest(example, builtInProviders)).resolves.toBeDefined();
  });

  test("has every exit code, with its meaning", () => {
    const table = cells.flatMap(([code = "", kind, meaning]) => (/^\d+$/.test(code) ? [[code, kind, meaning]] : []));
    const expected = Object.entries(FAILURES).map(([kind, { exit, summary, why }]) => [
      String(exit),
      `\`${kind}\``,
      `${summary}. ${why}`,
    ]);
    expect(table).toEqual(expected);
  });

  test("has every flag, with its meaning", () => {
    const plain = (text: string): string => text.replaceAll("`", "");
    for (const [flag, meaning] of FLAG_TEXTS.filter(([name]) => name.startsWith("--")))
      expect(cells.map((row) => row.map(plain))).toContainEqual([flag, meaning]);
  });

  test("has every key of the request", () => {
    expect(namesOf(fetchRequest).filter((name) => !document.includes(`\`${name}\``))).toEqual([]);
  });

  test.each(builtInProviders)(
    "has every setting, and every key of a source, of $name",
    ({ name, settings, source }) => {
      const section = document.split(/^### /m).find((text) => text.startsWith(`${name}\n`)) ?? "";
      const shared = new Set(name === "confidant" ? namesOf(builtInProviders[0]?.settings) : []);
      const keys = [...namesOf(settings), ...namesOf(source)].filter((key) => !shared.has(key));
      expect(keys.filter((key) => !section.includes(`\`${key}\``))).toEqual([]);
    },
  );
});
