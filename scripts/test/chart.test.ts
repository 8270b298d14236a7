import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

import manifest from "../../apps/webhook/package.json" with { type: "json" };
import { MONITORING_FILES } from "../chart/monitoring-files.ts";
import { KUSTOMIZATIONS, withImageTag, withVersion } from "../chart/release-version.ts";
import { isGoPattern } from "../chart/config-schema.ts";
import { valuesSchemaText } from "../chart/values-schema.ts";

const root = join(import.meta.dirname, "../..");
const text = (path: string): string => readFileSync(join(root, path), "utf8");

describe("the chart is up to date (`npm run schema` writes it)", () => {
  it("values.schema.json follows the schema of the config file", () => {
    expect(text("deploy/helm/pod-secrets/values.schema.json")).toBe(
      valuesSchemaText(text("schemas/config.schema.json")),
    );
  });

  it.each(MONITORING_FILES)("has a copy of $from", ({ from, to }) => {
    expect(text(to)).toBe(text(from));
  });

  it("has the version of the webhook", () => {
    const chart = text("deploy/helm/pod-secrets/Chart.yaml");

    expect(chart).toBe(withVersion(chart, manifest.version));
  });

  it.each(KUSTOMIZATIONS)("%s has the image of that version", (file) => {
    expect(text(file)).toContain(`newTag: ${manifest.version}\n`);
    expect(withImageTag(text(file), "9.8.7")).toContain("newTag: 9.8.7\n");
  });
});

describe("the schema of the chart's values", () => {
  const schema = JSON.parse(valuesSchemaText(text("schemas/config.schema.json"))) as Schema;

  it("knows every key of values.yaml, and no other", () => {
    // Keys of the first level, in values.yaml as it is written.
    const keys = [...text("deploy/helm/pod-secrets/values.yaml").matchAll(/^([A-Za-z]+):/gm)].map(([, key]) => key);
    const fromOutside = ["global", "enabled"];

    expect(new Set(Object.keys(schema.properties ?? {}))).toEqual(new Set([...keys, ...fromOutside]));
  });

  it("leaves out of the config what the chart settles", () => {
    const config = schema.properties?.["config"];

    expect(Object.keys(config?.properties ?? {})).toContain("managers");
    expect(Object.keys(config?.properties ?? {})).not.toContain("registration");
    expect(Object.keys(config?.properties?.["server"]?.properties ?? {})).not.toContain("certificates");
    expect(Object.keys(schema.properties?.["certificates"]?.properties?.["managed"]?.properties ?? {})).toEqual([
      "names",
      "days",
      "overlapSeconds",
    ]);
  });

  it("refers to nothing: what it would name is elsewhere in the schema of the values", () => {
    expect(JSON.stringify(schema)).not.toContain('"$ref"');
  });

  it("has only regular expressions that Go can read", () => {
    const patterns: string[] = [];
    JSON.stringify(schema, (key, value: unknown) => (key === "pattern" && patterns.push(String(value)), value));

    expect(patterns.length).toBeGreaterThan(5);
    expect(patterns.filter((pattern) => !isGoPattern(pattern))).toEqual([]);
  });
});

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
}
