/** What the schema of the config file says of the chart's values: all but the keys that the chart settles. */
import { only, type Schema } from "./schema-words.ts";

/** Sections of the config by name. */
export type Properties = Readonly<Record<string, Schema>>;

/** @param configSchema text of schemas/config.schema.json */
export function configSections(configSchema: string): Properties {
  return propertiesOf(goSchema(JSON.parse(configSchema)));
}

function isObject(value: unknown): value is Schema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Sections that the chart writes, or has no use for, and the certificates of `server`. */
const SETTLED: ReadonlySet<string> = new Set(["kubernetes", "registration", "initCerts"]);

/** What stands under `config`. */
export function chartConfig(properties: Properties): Schema {
  const kept = Object.entries(properties).filter(([key]) => !SETTLED.has(key));
  const { server } = properties;
  return only({
    ...Object.fromEntries(kept),
    server: { ...server, properties: without(propertiesOf(server), "certificates") },
  });
}

/** The mapping that `server.certificates` may be, without the names that the chart settles. */
export function managedCertificates({ server }: Properties): Schema {
  const { certificates: either } = propertiesOf(server);
  const choices = Array.isArray(either?.["anyOf"]) ? (either["anyOf"] as readonly Schema[]) : [];
  const mapping = choices.find(({ type }) => type === "object");
  return only(without(without(propertiesOf(mapping), "secret"), "service"));
}

function propertiesOf(schema: unknown): Properties {
  const properties = isObject(schema) ? schema["properties"] : undefined;
  return isObject(properties) ? (properties as Properties) : {};
}

function without(value: Properties, name: string): Properties {
  return Object.fromEntries(Object.entries(value).filter(([key]) => key !== name));
}

/** Helm checks with Go's regular expressions: what those cannot say is left to the webhook. */
function goSchema(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(goSchema);
  if (!isObject(value)) return value;
  const entries = Object.entries(value)
    .filter(([key, part]) => key !== "pattern" || typeof part !== "string" || isGoPattern(part))
    .map(([key, part]) => [key, goSchema(part)] as const);
  return Object.fromEntries(entries);
}

/** Go has no look-ahead, and no more than 1000 repetitions (package regexp/syntax). */
export function isGoPattern(pattern: string): boolean {
  const counts = [...pattern.matchAll(/\{(\d*)(?:,(\d*))?\}/g)].flatMap(([, least, most]) => [least, most]);
  return !pattern.includes("(?") && counts.every((count) => Number(count ?? 0) <= 1000);
}
