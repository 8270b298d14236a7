/** What the Secret holds, also when there is none. */
import type { TrustedCa } from "../ca-bundle.ts";
import { readSecret, type PresentContent } from "./secret-codec.ts";
import type { SecretObject } from "./secret-object.ts";

export type SecretContent =
  /** @param found CAs that can be read all the same, where it is files */
  { readonly kind: "absent"; readonly found?: readonly TrustedCa[] } | PresentContent;

/** @param now milliseconds since 1970 */
export function contentOf(secret: SecretObject | undefined, now: number): SecretContent {
  return secret === undefined ? { kind: "absent" } : readSecret(secret, now);
}
