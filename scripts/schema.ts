/**
 * Writes what is generated from the sources: schemas/config.schema.json and parts of docs/configuration.md from the
 * config's schema, docs/cli.md from the table of commands, docs/errors.md from the tables of errors.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { commandReference } from "../apps/webhook/src/documents/command-reference.ts";
import { configSchemaText, withConfigReference } from "../apps/webhook/src/documents/config-documents.ts";
import { errorsDocument } from "../apps/webhook/src/documents/errors-document.ts";

const root = join(import.meta.dirname, "..");
const schema = join(root, "schemas", "config.schema.json");
const reference = join(root, "docs", "configuration.md");

writeFileSync(schema, configSchemaText());
writeFileSync(reference, withConfigReference(readFileSync(reference, "utf8")));
writeFileSync(join(root, "docs", "cli.md"), commandReference());
writeFileSync(join(root, "docs", "errors.md"), errorsDocument());
