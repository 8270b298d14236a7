/** Writes what is generated from the config's schema: schemas/config.schema.json and parts of docs/configuration.md. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { configSchemaText, withConfigReference } from "../apps/webhook/src/compose/config-documents.ts";

const root = join(import.meta.dirname, "..");
const schema = join(root, "schemas", "config.schema.json");
const reference = join(root, "docs", "configuration.md");

writeFileSync(schema, configSchemaText());
writeFileSync(reference, withConfigReference(readFileSync(reference, "utf8")));
