/**
 * The config file in our own format: every key with its type, default and meaning. The JSON Schema and
 * docs/configuration.md are generated from here.
 */
import { MOUNT_ROOT, type ProfileName } from "@pod-secrets/core";
import { z } from "zod";

import type { Locate, Path, Position } from "./problems.ts";
import { initCerts, type InitCertsConfig } from "./schema/certificates.ts";
import { kubernetes, type KubernetesConfig } from "./schema/kubernetes.ts";
import { log, type LogConfig } from "./schema/log.ts";
import { operations, type OperationsConfig } from "./schema/operations.ts";
import { registration, type RegistrationConfig } from "./schema/registration.ts";
import { checkSections } from "./schema/sections-together.ts";
import { server, type ServerConfig } from "./schema/server.ts";
import { telemetry, type TelemetryConfig } from "./schema/telemetry.ts";

/** Letters, digits and `_`, as in the env vars that it starts. An empty one could not be told to the task. */
const ENV_PREFIX = /^[A-Za-z_][A-Za-z0-9_]*$/;
const ABSOLUTE_DIRECTORY = /^(\/(?!\.{1,2}(\/|$))[A-Za-z0-9._-]+)+$/;

const options = z.record(z.string(), z.unknown());

const manager = z.strictObject({
  use: z
    .string()
    .min(1)
    .max(1024)
    .describe(
      "A built-in manager, the name of an installed package, or a path that starts with `./`, `../` or `/`, relative to this file.",
    ),
  options: options.optional().describe("The manager's own options."),
});

const sections = z.strictObject({
  profile: z
    .enum(["flyte-v1", "flyte-v2"])
    .default("flyte-v1")
    .describe("Which Flyte the pods come from: it decides names of env vars and their place in the list."),
  onFailure: z
    .enum(["deny", "admit"])
    .default("deny")
    .describe(
      "What becomes of a pod whose secrets cannot all be injected: `deny` refuses it, `admit` lets it start without any of them, with a warning.",
    ),
  envPrefix: z
    .string()
    .max(64)
    .regex(ENV_PREFIX, "must hold letters, digits and _ only, and not start with a digit")
    .optional()
    .describe("Prefix of env vars that hold secrets. Default: `_FSEC_` under `flyte-v1`, `_UNION_` under `flyte-v2`.")
    .meta({ examples: ["_FSEC_"] }),
  mountRoot: z
    .string()
    .max(1024)
    .regex(ABSOLUTE_DIRECTORY, "must be an absolute directory without `.`, `..` or a slash at the end")
    .default(MOUNT_ROOT)
    .describe("Directory of secret files in the task's containers."),
  global: z
    .union([z.literal(false), options])
    .prefault({})
    .describe("Secrets of the webhook's own env vars and files, asked before all managers; `false` switches them off."),
  managers: z
    .array(manager)
    .max(64)
    .default([{ use: "k8s" }])
    .describe("Secret managers in the order in which they are asked. The first one that has a secret gives it."),
  server,
  operations,
  log,
  telemetry,
  kubernetes,
  registration,
  initCerts,
});

export const configSchema = sections.superRefine(checkSections);

/** A config file's content after the check, defaults filled in. */
export type ConfigFile = Readonly<z.output<typeof configSchema>>;

/** One manager as the config names it; its options are not checked yet. */
export interface ManagerConfig {
  readonly use: string;
  readonly options: unknown;
  /** Where `use` stands. */
  readonly position: Position;
  /** Of its entry, for findings in its options. */
  readonly path: Path;
}

/** The part of a config that the managers' own checks need. */
export interface ConfiguredManagers {
  /** Options of the global secrets, or `false` for none. */
  readonly global: unknown;
  readonly managers: readonly ManagerConfig[];
  /** Plugins are looked for from here: the folder of the config file. */
  readonly baseDirectory: string;
  readonly locate: Locate;
}

/** Everything the operator settled, defaults filled in. */
export interface Config extends ConfiguredManagers {
  /** Hash of the files' texts: another one means that they have changed. */
  readonly revision: string;
  readonly profile: ProfileName;
  readonly onFailure: "deny" | "admit";
  /** Absent: the profile's. */
  readonly envPrefix?: string;
  readonly mountRoot: string;
  readonly server: ServerConfig;
  readonly operations: OperationsConfig;
  readonly log: LogConfig;
  readonly telemetry: TelemetryConfig;
  readonly kubernetes: KubernetesConfig;
  /** Absent: the webhook registers nothing. */
  readonly registration?: RegistrationConfig;
  readonly initCerts: InitCertsConfig;
}
