/** What a failure of a store means for the pod, and for the store. */
import { isFetchFailure, type FailureKind } from "@pod-secrets/secret-fetch/stores";

import { EMBEDDED_ERRORS, type EmbeddedErrorCode } from "../errors.ts";
import type { ReadFailure } from "./answer.ts";

const CODES: Readonly<Record<Exclude<FailureKind, "not-found">, EmbeddedErrorCode>> = {
  "wrong-request": "embedded/unavailable",
  unauthenticated: "embedded/denied",
  denied: "embedded/denied",
  disabled: "embedded/unusable-value",
  "wrong-version": "embedded/unusable-value",
  "unusable-value": "embedded/unusable-value",
  throttled: "embedded/unavailable",
  unavailable: "embedded/unavailable",
  timeout: "embedded/timeout",
  untrusted: "embedded/unavailable",
  "invalid-answer": "embedded/unavailable",
  "not-written": "embedded/unavailable",
  interrupted: "embedded/unavailable",
  internal: "embedded/unavailable",
};

/** A provider of somebody else's may know other kinds. */
const BY_KIND: ReadonlyMap<string, EmbeddedErrorCode> = new Map(Object.entries(CODES));

/** These say something of one secret, and that the store works. */
const OF_ONE_SECRET: ReadonlySet<FailureKind> = new Set([
  "not-found",
  "denied",
  "disabled",
  "wrong-version",
  "unusable-value",
]);

/** Whether the store works, although this failed. */
export function isOfOneSecret(error: unknown): boolean {
  return isFetchFailure(error) && OF_ONE_SECRET.has(error.kind);
}

/** What a read threw, as a refusal. The text of an error that is no failure of the contract may hold a value. */
export function readFailure(error: unknown): ReadFailure {
  const code = isFetchFailure(error) ? BY_KIND.get(error.kind) : undefined;
  if (!isFetchFailure(error) || code === undefined)
    return failure("embedded/unavailable", "the store's client failed with an error that it may not throw");
  return { outcome: "failed", code, message: error.message, fix: error.fix };
}

/** A failure of the catalogue, with what happened. */
export function failure(code: EmbeddedErrorCode, message: string): ReadFailure {
  return { outcome: "failed", code, message, fix: EMBEDDED_ERRORS[code].fix };
}
