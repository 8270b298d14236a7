import { globSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";

import { BUILT_IN_INJECTORS, BUILT_IN_MANAGERS } from "../../src/compose/every-built-in.ts";
import { configSchemaText, withConfigReference } from "../../src/documents/config-documents.ts";
import { checkFile } from "../../src/compose/from-file.ts";
import { formatProblem } from "../../src/config/problems.ts";

const root = join(import.meta.dirname, "../../../..");
const text = (path: string): string => readFileSync(join(root, path), "utf8");

describe("what is generated is up to date (`npm run schema` writes it)", () => {
  it("schemas/config.schema.json", () => {
    expect(text("schemas/config.schema.json")).toBe(configSchemaText());
  });

  it("docs/configuration.md", () => {
    const reference = text("docs/configuration.md");

    expect(reference).toBe(withConfigReference(reference));
  });
});

describe("the JSON Schema", () => {
  const schema = JSON.parse(configSchemaText()) as Schema;

  it("describes every key", () => {
    expect(undescribed(schema, "")).toEqual([]);
  });

  it("has the options of each built-in manager", () => {
    const cases = (schema.properties?.["managers"]?.items?.allOf ?? []).map(({ if: condition, then }) => [
      condition?.properties?.["use"]?.const,
      Object.keys(then?.properties?.["options"]?.properties ?? {}),
    ]);

    expect(cases.map(([use]) => use)).toEqual(BUILT_IN_MANAGERS.map(({ name }) => name));
    expect(cases).toEqual(
      expect.arrayContaining([
        ["k8s", expect.arrayContaining(["missing"])],
        ["aws", expect.arrayContaining(["image", "resources"])],
        ["vault-kv2", expect.arrayContaining(["role", "unversioned"])],
      ]),
    );
  });
});

interface Schema {
  readonly description?: string;
  readonly const?: unknown;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema & { readonly allOf?: readonly { readonly if?: Schema; readonly then?: Schema }[] };
}

function undescribed(schema: Schema, path: string): readonly string[] {
  return Object.entries(schema.properties ?? {}).flatMap(([key, property]) => [
    ...(property.description === undefined ? [`${path}${key}`] : []),
    ...undescribed(property, `${path}${key}.`),
  ]);
}

describe("the example", () => {
  const examples = globSync("examples/config/*.yaml", { cwd: root }).toSorted();

  it("is there for every built-in manager", async () => {
    const used = await Promise.all(examples.map((file) => checkFile(join(root, file))));
    const names = used.flatMap((checked) => (checked.ok ? checked.managers.map(({ plugin }) => plugin.name) : []));

    expect(new Set(names)).toEqual(new Set(BUILT_IN_INJECTORS.map(({ name }) => name)));
  });

  it.each(examples)("%s is a good config", async (file) => {
    const checked = await checkFile(join(root, file));

    expect(checked.ok ? [] : checked.problems.map(formatProblem)).toEqual([]);
  });

  it.each(examples.filter((file) => !basename(file).startsWith("flyte-configmap")))("%s names the schema", (file) => {
    expect(text(file).split("\n")[0]).toBe("# yaml-language-server: $schema=../../schemas/config.schema.json");
  });

  it("of all managers has each of them once, but for those that would read a store", () => {
    const builtIn = BUILT_IN_MANAGERS.filter(({ meta }) => meta.readsAtAdmission !== true);
    const { managers } = parse(text("examples/config/all-managers.yaml")) as { managers: { use: string }[] };

    expect(managers.map(({ use }) => use).toSorted()).toEqual(builtIn.map(({ name }) => name).toSorted());
  });
});
