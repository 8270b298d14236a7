/** Init containers that fetch secrets. */
import { SecretError } from "../errors.ts";
import { quoted } from "../printable.ts";
import { isDnsLabel } from "../grammar.ts";
import type { Container, Pod } from "../pod.ts";
import { withSpec } from "./containers.ts";
import { covers } from "./covers.ts";

/** Where an init container goes: before all others, after them, or right after the one of a name, where the pod has it. */
export type InitContainerPosition = "first" | "last" | { readonly after: string };

/**
 * Adds an init container, unless the pod has it.
 * @throws SecretError `E_CONTAINER_CONFLICT` when a container of that name does something else,
 * `E_POD_INVALID` for a name that is no DNS label
 */
export function addInitContainer(pod: Pod, container: Container, position: InitContainerPosition): Pod {
  const { spec } = pod;
  if (!spec) return pod;
  if (!isDnsLabel(container.name))
    throw new SecretError("E_POD_INVALID", `${quoted(container.name)} is no valid container name`);
  const existing = spec.initContainers ?? [];
  const sameName = [...existing, ...(spec.containers ?? [])].find((candidate) => candidate.name === container.name);
  if (sameName === undefined) {
    return withSpec(pod, { ...spec, initContainers: existing.toSpliced(indexOf(position, existing), 0, container) });
  }
  if (isSame(sameName, container)) return pod;
  throw new SecretError("E_CONTAINER_CONFLICT", `the pod has another container named ${quoted(container.name)}`);
}

function indexOf(position: InitContainerPosition, existing: readonly Container[]): number {
  if (position === "first") return 0;
  const at = position === "last" ? -1 : existing.findIndex(({ name }) => name === position.after);
  return at === -1 ? existing.length : at + 1;
}

// Env and mounts of later secrets join the container, and a webhook between two calls may take the image from a mirror,
// so only what it was made to do counts.
function isSame(existing: Container, wanted: Container): boolean {
  return (
    covers(existing.command, wanted.command) &&
    covers(existing.args, wanted.args) &&
    (wanted.env ?? []).every((entry) => existing.env?.some((candidate) => covers(candidate, entry)) ?? false)
  );
}
