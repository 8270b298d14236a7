import type { Mutation } from "@pod-secrets/core";

/** The env vars of the first container of a changed pod, as `NAME=value`. */
export function envOf(mutation: Mutation): readonly string[] {
  if (mutation.outcome !== "changed") throw new Error(`the pod is ${mutation.outcome}`);
  return (mutation.pod.spec?.containers[0]?.env ?? []).map(({ name, value }) => `${name}=${value ?? ""}`);
}
