import { inspect } from "node:util";

/** A value that cannot be printed by mistake: every way to text gives `[redacted]`. */
export interface SecretBytes {
  readonly length: number;
  /** The value, for the one place that writes it into a pod. */
  reveal(): Uint8Array;
  toString(): string;
}

const REDACTED = "[redacted]";

/** Wraps a value. It lives in a closure, so no property holds it either. */
export function secretBytes(value: Uint8Array): SecretBytes {
  const redacted = (): string => REDACTED;
  const { length } = value;
  const wrapped = { length, reveal: () => value, toString: redacted, toJSON: redacted, [inspect.custom]: redacted };
  return Object.freeze(wrapped);
}
