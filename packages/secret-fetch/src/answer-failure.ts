/** Answers of stores that are no success -> failures. Which answer means what, each store says. */
import { FetchFailure, type FailureKind } from "./failure.ts";
import type { HttpResponse } from "./http.ts";
import { minutesOfSkew } from "./identity/clock-skew.ts";
import { readRetryAfter } from "./ports/retry-after.ts";

/** What a kind of answer means. */
export interface Meaning {
  readonly kind: FailureKind;
  /** Without a full stop: part of a line. */
  readonly cause: string;
  /** As a sentence. */
  readonly fix: string;
}

/**
 * @param what was asked, as messages name it: `GetSecretValue of "db-password"`
 * @param about what the store says of it, such as the name of the error; checked by a grammar
 * @param now milliseconds since 1970, by the node's clock
 */
export function failureByMeaning(
  what: string,
  { kind, cause, fix }: Meaning,
  about: readonly string[],
  response: HttpResponse,
  now: number,
): FetchFailure {
  const line = `${what}: ${cause} (${about.join(", ")})`;
  const retryAfter = readRetryAfter(response.headers["retry-after"], now);
  const minutes = kind === "unauthenticated" ? minutesOfSkew(response, now) : undefined;
  if (minutes === undefined) return new FetchFailure(kind, line, fix, { retryAfter });
  return new FetchFailure(
    kind,
    `${line}, and its clock is ${minutes} minutes from the node's`,
    "Let the clocks be kept by NTP: signatures and tokens hold for a short time only.",
  );
}
