/** When two env vars are one, and what it is called when they are not. */
import { SecretError } from "../errors.ts";
import type { EnvVar } from "../pod.ts";
import { quoted } from "../printable.ts";
import { covers } from "./covers.ts";

/** Whether `existing` gives a container what `entry` does. `covers` alone would take `{value: "x"}` as covering an entry without a value. */
export function isSameEnvVar(existing: EnvVar, entry: EnvVar): boolean {
  return (
    covers(existing, entry) &&
    (existing.valueFrom === undefined) === (entry.valueFrom === undefined) &&
    (existing.value ?? "") === (entry.value ?? "")
  );
}

/** Two secrets want one name. */
export function envCollision(name: string): SecretError {
  return new SecretError("E_ENV_COLLISION", `another secret of this pod is in env var ${quoted(name)} already`);
}
