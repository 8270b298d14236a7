import type { EmbeddedErrorCode } from "../errors.ts";
import type { SecretBytes } from "../secret-bytes.ts";

/** What is known of one secret. */
export type Known =
  | { readonly outcome: "found"; readonly value: SecretBytes }
  /** The store says that there is none, which is no failure. */
  | { readonly outcome: "absent" };

/** What became of asking for one. */
export type Answer = Known | ReadFailure;

/** Why nobody knows whether there is one. */
export interface ReadFailure {
  readonly outcome: "failed";
  readonly code: EmbeddedErrorCode;
  /** What happened and where; never a value. */
  readonly message: string;
  readonly fix: string;
}

export const ABSENT: Known = { outcome: "absent" };
