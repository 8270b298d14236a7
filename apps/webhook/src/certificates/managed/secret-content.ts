/** What the Secret holds, also when there is none. */
import { readSecret, type PresentContent } from "./secret-codec.ts";
import type { SecretObject } from "./secret-object.ts";

export type SecretContent = { readonly kind: "absent" } | PresentContent;

/** @param now milliseconds since 1970 */
export function contentOf(secret: SecretObject | undefined, now: number): SecretContent {
  return secret === undefined ? { kind: "absent" } : readSecret(secret, now);
}
