/** Global secrets from the environment of the webhook. */
import { goUpper } from "@pod-secrets/core";

import { usable, type GlobalSecret } from "./global-secret.ts";

/** Env vars, as `process.env` has them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The env vars whose names start with the prefix. One that is empty counts: it is set. */
export function readEnvironment(environment: Environment, prefix: string): ReadonlyMap<string, GlobalSecret> {
  const secrets = new Map<string, GlobalSecret>();
  for (const [name, value] of Object.entries(environment)) {
    if (value !== undefined && name.startsWith(prefix)) secrets.set(name, usable(value));
  }
  return secrets;
}

/** Env var of the webhook for a group and key. */
export function environmentName(prefix: string, group: string, key: string): string {
  return `${prefix}${goUpper(group)}_${goUpper(key)}`;
}
