/** The way of a config: files -> plain data (-> our format, when it is Flyte's) -> checked config. */
import { isJsonObject, type ProfileName } from "@pod-secrets/core";

import { readConfigTexts } from "./config-files.ts";
import { convertFlyteConfig, isFlyteConfig } from "./flyte/flyte-config.ts";
import { nearFlyteProblem } from "./flyte/near-flyte.ts";
import { droppedKeys, manifestProblem } from "./not-a-config.ts";
import { orderWarnings } from "./registration-order.ts";
import { joinSections, type Sections } from "./sections.ts";
import { dotted, inFileOrder, type Locate, type Path, type Problem } from "./problems.ts";
import { configSchema, type Config, type ConfigFile, type ConfiguredManagers, type ManagerConfig } from "./schema.ts";
import { schemaProblems } from "./schema-problems.ts";
import { parseYamlFile } from "./yaml-file.ts";

export interface ConfigOverrides {
  /** Counts more than the file. */
  readonly profile?: ProfileName;
  /** Address of both ports where the file names none. */
  readonly defaultHost?: string;
  /** Absolute directory of the certificate, instead of what the file says. */
  readonly certificates?: string;
}

export type LoadedConfig =
  | { readonly ok: true; readonly config: Config; readonly warnings: readonly Problem[] }
  | {
      readonly ok: false;
      readonly problems: readonly Problem[];
      readonly warnings: readonly Problem[];
      /** What could be made out of the managers all the same, so that they can be checked in the same go. */
      readonly managers?: ConfiguredManagers;
    };

/**
 * Reads and checks a config. Reports all that is wrong at once, but for the options of managers, which only
 * the managers know (`compose`). Never throws.
 * @param file a file, a directory or a glob pattern, in our format or Flyte's; undefined: the defaults
 */
export async function loadConfig(file: string | undefined, overrides: ConfigOverrides = {}): Promise<LoadedConfig> {
  if (file === undefined) return defaultConfig(overrides);
  const { texts, problems, baseDirectory, revision } = await readConfigTexts(file);
  if (problems.length > 0) return { ok: false, problems, warnings: [] };
  const sections = joinSections(texts.map(({ file: name, text }) => parseYamlFile(name, text)));
  return checkConfig(sections, { baseDirectory, revision }, overrides);
}

/** What a config has beside its content. */
type Origin = Pick<Config, "baseDirectory" | "revision">;

function defaultConfig(overrides: ConfigOverrides): LoadedConfig {
  const locate: Locate = (path) => ({ file: "(defaults)", line: 1, column: 1, path: dotted(path) });
  return checkConfig(
    { value: {}, problems: [], readable: true, locate },
    { baseDirectory: process.cwd(), revision: "defaults" },
    overrides,
  );
}

function checkConfig(read: Sections, origin: Origin, overrides: ConfigOverrides): LoadedConfig {
  if (!read.readable) return { ok: false, problems: inFileOrder(read.problems), warnings: [] };
  const other = manifestProblem(read) ?? nearFlyteProblem(read);
  if (other !== undefined) return { ok: false, problems: [other], warnings: [] };
  const sections = isFlyteConfig(read.value) ? convertFlyteConfig(read, process.env) : { ...read, warnings: [] };
  const { value, locate } = sections;
  const warnings = inFileOrder(sections.warnings);
  const result = configSchema.safeParse(withHost(value, overrides.defaultHost));
  const managers = configuredManagers(result.success ? result.data : value, locate, origin.baseDirectory);
  const found = result.success
    ? []
    : schemaProblems(result.error.issues, { value, path: [], schema: configSchema, noun: "key", locate });
  const problems = inFileOrder([...sections.problems, ...droppedKeys(read), ...found]);
  if (!result.success || problems.length > 0) return { ok: false, problems, warnings, managers };
  const config = { ...settled(result.data, overrides), ...managers, revision: origin.revision };
  return { ok: true, config, warnings: inFileOrder([...warnings, ...orderWarnings(config)]) };
}

/** With the address where the file has none. What has the wrong type is left for the schema to tell. */
function withHost(value: unknown, host: string | undefined): unknown {
  if (host === undefined || !isJsonObject(value)) return value;
  const { server = {}, operations = {} } = value;
  const hosted = (section: unknown): unknown => (isJsonObject(section) ? { host, ...section } : section);
  return { ...value, server: hosted(server), operations: hosted(operations) };
}

function settled(file: ConfigFile, overrides: ConfigOverrides): Omit<Config, keyof ConfiguredManagers | "revision"> {
  const { envPrefix, onFailure, mountRoot, server, operations, log, telemetry, kubernetes, registration, initCerts } =
    file;
  const profile = overrides.profile ?? file.profile;
  const certificates = overrides.certificates ?? server.certificates;
  const rest = { profile, onFailure, mountRoot, operations, log, telemetry, kubernetes, initCerts };
  return {
    ...rest,
    server: { ...server, certificates },
    ...(envPrefix === undefined ? {} : { envPrefix }),
    ...(registration === undefined ? {} : { registration }),
  };
}

/** The managers of a config that may have faults: entries that cannot be read are left out. */
function configuredManagers(value: unknown, locate: Locate, baseDirectory: string): ConfiguredManagers {
  const fields = isJsonObject(value) ? value : {};
  const entries: readonly unknown[] = Array.isArray(fields["managers"]) ? fields["managers"] : [];
  const managers = entries.flatMap((entry, index): ManagerConfig[] => {
    if (!isJsonObject(entry) || typeof entry["use"] !== "string") return [];
    const options = entry["options"] ?? {};
    const path: Path = ["managers", index];
    return isJsonObject(options) ? [{ use: entry["use"], options, path, position: locate([...path, "use"]) }] : [];
  });
  const { global = {} } = fields;
  return { global: isJsonObject(global) ? global : false, managers, baseDirectory, locate };
}
