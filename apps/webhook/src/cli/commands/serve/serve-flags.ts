/** The flags of `serve`, which count more than the configuration. */
import { resolve } from "node:path";
import { quoted, type ProfileName } from "@pod-secrets/core";

import type { CalledAs } from "../../../certificates/directory-certificate.ts";
import type { CertificateSource } from "../../../certificates/open-certificate.ts";
import type { ConfigOverrides } from "../../../config/load.ts";
import type { Config } from "../../../config/schema.ts";
import type { ManagedCertificatesConfig } from "../../../config/schema/certificates.ts";
import type { RegistrationConfig } from "../../../config/schema/registration.ts";
import { AppError } from "../../../errors.ts";
import type { LogLevel } from "../../../telemetry/log.ts";
import type { Invocation } from "../../command.ts";

/** @throws AppError `E_USAGE` for flags that contradict each other or have a wrong value */
export function checkServeFlags(invocation: Invocation): void {
  const isSelfSigned = invocation.isOn("self-signed");
  if (isSelfSigned && invocation.isOn("certificates")) {
    throw new AppError("E_USAGE", "--self-signed and --certificates contradict each other", "Give one of them.");
  }
  if (!isSelfSigned && invocation.isOn("ca-file")) {
    throw new AppError("E_USAGE", "--ca-file has no CA to write", "Give --self-signed with it.");
  }
  portFlag(invocation, "port");
  portFlag(invocation, "operations-port");
}

/** The configuration with what the flags say in its place. `--host` holds for both ports. */
export function withServeFlags(config: Config, invocation: Invocation): Config {
  const host = invocation.value("host");
  const directory = invocation.value("certificates");
  const { server, operations, log, registration, ...rest } = config;
  const isRegistered = registration !== undefined && !invocation.isOn("no-register") && !invocation.isOn("self-signed");
  return {
    ...rest,
    ...(isRegistered ? { registration: directory === undefined ? registration : withFile(registration) } : {}),
    server: {
      ...server,
      host: host ?? server.host,
      port: portFlag(invocation, "port") ?? server.port,
    },
    operations: {
      ...operations,
      host: host ?? operations.host,
      port: portFlag(invocation, "operations-port") ?? operations.port,
    },
    log: { ...log, level: (invocation.value("log-level") as LogLevel | undefined) ?? log.level },
  };
}

/** A certificate of a directory that a flag names is no managed one, whatever the configuration says. */
function withFile(registration: RegistrationConfig): RegistrationConfig {
  return registration.caBundle === "managed" ? { ...registration, caBundle: "file" } : registration;
}

/** What of the flags has a say in how the config file is read. */
export function configOverrides(invocation: Invocation): ConfigOverrides {
  const profile = invocation.value("profile") as ProfileName | undefined;
  const certificates = invocation.value("certificates");
  return {
    ...(certificates === undefined ? {} : { certificates: resolve(certificates) }),
    ...(profile === undefined ? {} : { profile }),
    // A certificate for localhost is of no use to others, and who tries something out does not mean to open it to them.
    ...(invocation.isOn("self-signed") ? { defaultHost: "127.0.0.1" } : {}),
  };
}

/**
 * A directory in the configuration is relative to its file; that of a flag is in its place already, absolute.
 * @param managed of a certificate in a Secret
 * @param called as which the API server is to call
 */
export function certificateSource(
  { baseDirectory, server: { certificates } }: Config,
  invocation: Invocation,
  managed: (settings: ManagedCertificatesConfig) => CertificateSource,
  called: CalledAs,
): CertificateSource {
  if (invocation.isOn("self-signed")) return { kind: "self-signed", caFile: invocation.value("ca-file") };
  if (typeof certificates === "string")
    return { kind: "directory", directory: resolve(baseDirectory, certificates), called };
  return managed(certificates);
}

/** The file with the CAs of the clients, where there is one. */
export function clientCaFile({ baseDirectory, server }: Config): string | undefined {
  return server.clientCa === undefined ? undefined : resolve(baseDirectory, server.clientCa);
}

const MAX_PORT = 65_535;

function portFlag(invocation: Invocation, flag: "port" | "operations-port"): number | undefined {
  const text = invocation.value(flag);
  if (text === undefined) return undefined;
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (port <= MAX_PORT) return port;
  throw new AppError("E_USAGE", `--${flag} cannot be ${quoted(text)}`, `Give a number from 0 to ${MAX_PORT}.`);
}
