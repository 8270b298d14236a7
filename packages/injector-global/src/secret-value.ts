import { inspect } from "node:util";

/** A secret value that cannot be printed by mistake: every way to text but `reveal` gives `[redacted]`. */
export interface SecretValue {
  /** The value, for the one place that writes it into a pod. */
  reveal(): string;
}

const REDACTED = "[redacted]";

/** Wraps a value. It lives in a closure, so no property holds it either. */
export function secretValue(value: string): SecretValue {
  const redacted = (): string => REDACTED;
  const wrapped = { reveal: () => value, toString: redacted, toJSON: redacted, [inspect.custom]: redacted };
  return Object.freeze(wrapped);
}
