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

/** Two secrets want one name. */
export function envCollision(name: string): SecretError {
  return new SecretError("E_ENV_COLLISION", `another secret of this pod is in env var ${quoted(name)} already`);
}
