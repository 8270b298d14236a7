/** Pod annotations. What the user set stays, and wins. */
import { SecretError } from "../errors.ts";
import { quoted } from "../printable.ts";
import { isAnnotationKey } from "../grammar.ts";
import type { Annotations, Pod } from "../pod.ts";

/**
 * Adds annotations that the pod does not have yet. A key that it has keeps its value: read the result when
 * that matters.
 * @throws SecretError `E_POD_INVALID` when a key is no valid annotation key
 */
export function addAnnotations(pod: Pod, annotations: Annotations): Pod {
  const existing = annotationsOf(pod);
  const missing = Object.entries(annotations).filter(([key]) => !Object.hasOwn(existing, key));
  if (missing.length === 0) return pod;
  for (const [key] of missing) {
    if (!isAnnotationKey(key)) throw new SecretError("E_POD_INVALID", `${quoted(key)} is no valid annotation key`);
  }
  // Spread and computed keys define properties, so `__proto__` as a key stays a key.
  return { ...pod, metadata: { ...pod.metadata, annotations: { ...existing, ...Object.fromEntries(missing) } } };
}

/** The value of one annotation. */
export function annotation(pod: Pod, key: string): string | undefined {
  const annotations = annotationsOf(pod);
  return Object.hasOwn(annotations, key) ? annotations[key] : undefined;
}

function annotationsOf(pod: Pod): Annotations {
  return pod.metadata?.annotations ?? {};
}
