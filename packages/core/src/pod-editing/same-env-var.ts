/** When two env vars are one, and what it is called when they are not. */
import { SecretError } from "../errors.ts";
import type { EnvVar } from "../pod.ts";
import { quoted } from "../printable.ts";
import { covers } from "./covers.ts";

/** What an env var is made of, whatever its name. */
export interface EnvVarContent {
  readonly value?: string | undefined;
  readonly valueFrom?: EnvVar["valueFrom"] | undefined;
}

/** Whether an env var gives a container what another of its name does. */
export function isSameEnvVar(existing: EnvVarContent, entry: EnvVarContent): boolean {
  return (
    (existing.value ?? "") === (entry.value ?? "") &&
    (existing.valueFrom === undefined) === (entry.valueFrom === undefined) &&
    covers(existing.valueFrom, entry.valueFrom)
  );
}

/** Two secrets want one name. Where the other one comes from is told by names alone; a value could be a secret. */
export function envCollision(name: string, { valueFrom }: EnvVarContent): SecretError {
  const { name: secret, key }: Partial<Readonly<Record<string, unknown>>> = { ...valueFrom?.secretKeyRef };
  const isNamed = typeof secret === "string" && typeof key === "string";
  const from = isNamed ? `, key ${quoted(key)} of Secret ${quoted(secret)},` : "";
  return new SecretError("E_ENV_COLLISION", `another secret of this pod${from} is in env var ${quoted(name)} already`);
}
