/**
 * Writes what is generated from the sources: schemas/config.schema.json and parts of docs/configuration.md from the
 * config's schema, docs/cli.md from the declared commands, docs/errors.md from the tables of errors, and of the chart
 * the schema of its values, its version, and its copies of deploy/monitoring; of Kustomize the version of the image.
 */
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { commandReference } from "../apps/webhook/src/documents/command-reference.ts";
import { configSchemaText, withConfigReference } from "../apps/webhook/src/documents/config-documents.ts";
import { errorsDocument } from "../apps/webhook/src/documents/errors-document.ts";
import { withTelemetryReference } from "../apps/webhook/src/documents/telemetry-document.ts";
import manifest from "../apps/webhook/package.json" with { type: "json" };
import { MONITORING_FILES } from "./chart/monitoring-files.ts";
import { KUSTOMIZATIONS, withImageTag, withVersion } from "./chart/release-version.ts";
import { valuesSchemaText } from "./chart/values-schema.ts";

const root = join(import.meta.dirname, "..");
const schema = join(root, "schemas", "config.schema.json");
const reference = join(root, "docs", "configuration.md");
const telemetry = join(root, "docs", "telemetry.md");

writeFileSync(schema, configSchemaText());
writeFileSync(reference, withConfigReference(readFileSync(reference, "utf8")));
writeFileSync(join(root, "docs", "cli.md"), commandReference());
writeFileSync(join(root, "docs", "errors.md"), errorsDocument());

const chart = join(root, "deploy", "helm", "pod-secrets");
const chartFile = join(chart, "Chart.yaml");
writeFileSync(join(chart, "values.schema.json"), valuesSchemaText(configSchemaText()));
writeFileSync(chartFile, withVersion(readFileSync(chartFile, "utf8"), manifest.version));
writeFileSync(telemetry, withTelemetryReference(readFileSync(telemetry, "utf8")));
for (const { from, to } of MONITORING_FILES) copyFileSync(join(root, from), join(root, to));
for (const file of KUSTOMIZATIONS.map((path) => join(root, path)))
  writeFileSync(file, withImageTag(readFileSync(file, "utf8"), manifest.version));
