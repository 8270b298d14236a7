/** What is known of one global secret, and under which names one can be asked for. */
import { secretValue, type SecretValue } from "./secret-value.ts";

/** A global secret in memory. */
export type GlobalSecret =
  | { readonly state: "usable"; readonly value: SecretValue }
  /** It is there, but cannot be an env var. */
  | { readonly state: "unusable"; readonly reason: string };

/** A secret from text. */
export function usable(text: string): GlobalSecret {
  return { state: "usable", value: secretValue(text) };
}

/** A secret that cannot be given. */
export function unusable(reason: string): GlobalSecret {
  return { state: "unusable", reason };
}

const PLAIN_NAME = /^[A-Za-z0-9_][-A-Za-z0-9_.]*$/;

/**
 * Whether a group or key can be one of a global secret: part of an env var name and of a path, so no slash, and
 * nothing that leads up or is hidden. At most 253 characters, like the names of Kubernetes.
 */
export function isPlainName(text: string): boolean {
  return text.length <= 253 && PLAIN_NAME.test(text);
}
