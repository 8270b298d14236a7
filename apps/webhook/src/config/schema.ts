/**
 * The config file in our own format: every key with its type, default and meaning. The JSON Schema and
 * docs/configuration.md are generated from here.
 */
import { MOUNT_ROOT, type ProfileName } from "@pod-secrets/core";
import { z } from "zod";

import type { Locate, Path, Position } from "./problems.ts";
import { certificates, initCerts, type InitCertsConfig } from "./schema/certificates.ts";
import { kubernetes, type KubernetesConfig } from "./schema/kubernetes.ts";
import { registration, type RegistrationConfig } from "./schema/registration.ts";
import { checkSections } from "./schema/sections-together.ts";
import { telemetry, type TelemetryConfig } from "./schema/telemetry.ts";

const port = (what: string, standard: number) =>
  z.int().min(0).max(65_535).default(standard).describe(`${what} 0 takes a free one.`);
const seconds = (standard: number, what: string) => z.int().min(1).max(3600).default(standard).describe(what);
const host = z.string().min(1).max(253).default("0.0.0.0");

/** Letters, digits and `_`, as in the env vars that it starts. An empty one could not be told to the task. */
const ENV_PREFIX = /^[A-Za-z_][A-Za-z0-9_]*$/;
const ABSOLUTE_DIRECTORY = /^(\/(?!\.{1,2}(\/|$))[A-Za-z0-9._-]+)+$/;
const URL_PATH = /^\/[A-Za-z0-9._~/-]*$/;

const urlPath = z.string().max(256).regex(URL_PATH, "must start with / and hold letters, digits and . _ ~ - / only");

const server = z
  .strictObject({
    host: host.describe("Address of the HTTPS server."),
    port: port("Port of the HTTPS server.", 9443),
    path: z
      .union([urlPath, z.array(urlPath).min(1).max(16)])
      .default("/mutate--v1-pod")
      .describe("URL path of the registration, or a list of them."),
    certificates,
    clientCa: z
      .string()
      .min(1)
      .max(4096)
      .optional()
      .describe(
        "File with the certificates of CAs, in PEM. With it, only clients with a certificate of one of them are served.",
      ),
    clientNames: z
      .array(z.string().min(1).max(253))
      .max(64)
      .default([])
      .describe("Common names that a client's certificate may have. Empty: any that `clientCa` signed."),
    maxBodyBytes: z
      .int()
      .min(1024)
      .max(67_108_864)
      .default(7_340_032)
      .describe(
        "Largest admission review, in bytes. The API server's own limit for objects is 3 MiB; two of them and the review around must fit.",
      ),
    maxBytesInFlight: z
      .int()
      .min(1024)
      .max(1_073_741_824)
      .default(67_108_864)
      .describe(
        "Bytes of all reviews that are being read; beyond that the answer is 429 and the API server asks again.",
      ),
    maxConnections: z
      .int()
      .min(1)
      .max(65_536)
      .default(4096)
      .describe(
        "Open connections. Beyond them, the one is closed that has been idle longest, or has not sent its request.",
      ),
    keepAliveSeconds: seconds(120, "How long an idle connection stays open. The API server keeps its own for 90 s."),
    headersSeconds: seconds(10, "Time for the head of a request."),
    requestSeconds: seconds(15, "Time for a whole request."),
    handshakeSeconds: seconds(5, "Time for a TLS handshake."),
    answerSeconds: seconds(10, "Time for a client to take its answer; then its connection is closed."),
    connectionSeconds: z
      .int()
      .min(0)
      .max(86_400)
      .default(300)
      .describe(
        "Age, give or take a quarter, at which a connection is closed after an answer, so that new replicas get their share; 0 for never.",
      ),
    drainSeconds: z
      .int()
      .min(0)
      .max(3600)
      .default(10)
      .describe("How long the server goes on serving after SIGTERM, while the cluster learns that it is leaving."),
  })
  .superRefine(checkTogether)
  .prefault({})
  .describe("The HTTPS server that the API server calls.");

/** Those of `server` that depend on each other. */
interface ServerKeys {
  readonly clientCa?: string | undefined;
  readonly clientNames: readonly string[];
  readonly maxBodyBytes: number;
  readonly maxBytesInFlight: number;
}

/** Keys of `server` that are right each, and together would refuse every review or the large ones for ever. */
function checkTogether(
  { clientCa, clientNames, maxBodyBytes, maxBytesInFlight }: ServerKeys,
  check: z.RefinementCtx,
): void {
  const add = (key: string, message: string, fix: string): void =>
    check.addIssue({ code: "custom", path: [key], message, params: { fix } });
  if (clientNames.length > 0 && clientCa === undefined)
    add(
      "clientNames",
      "needs `server.clientCa`: without it no client shows a certificate, and all are refused",
      "Add `server.clientCa`, or remove `server.clientNames`.",
    );
  if (maxBytesInFlight < maxBodyBytes)
    add(
      "maxBytesInFlight",
      `must be at least \`server.maxBodyBytes\`, which is ${maxBodyBytes}`,
      `Write ${maxBodyBytes} or more, or lower \`server.maxBodyBytes\`.`,
    );
}

const operations = z
  .strictObject({
    host: host.describe("Address of the plain HTTP server for probes and metrics."),
    port: port("Port of `/healthz`, `/readyz` and `/metrics`.", 8081),
  })
  .prefault({})
  .describe("The server for probes and metrics.");

const log = z
  .strictObject({
    level: z
      .enum(["debug", "info", "warn", "error", "silent"])
      .default("info")
      .describe("The least grave line that is written."),
  })
  .prefault({})
  .describe("Logs: one JSON object per line.");

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

export type ServerConfig = Readonly<ConfigFile["server"]>;
export type OperationsConfig = Readonly<ConfigFile["operations"]>;
export type LogConfig = Readonly<ConfigFile["log"]>;

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
