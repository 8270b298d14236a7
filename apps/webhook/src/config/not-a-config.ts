/** What a file holds that is no config, where a plain word helps more than a finding per key. */
import { isJsonObject, quoted } from "@pod-secrets/core";

import type { Sections } from "./sections.ts";
import type { Path, Problem } from "./problems.ts";

/** A Kubernetes object: mostly the ConfigMap that carries the config. */
export function manifestProblem({ value, locate }: Sections): Problem | undefined {
  if (!isJsonObject(value)) return undefined;
  const { apiVersion, kind, metadata } = value;
  if (typeof apiVersion !== "string" || typeof kind !== "string" || !isJsonObject(metadata)) return undefined;
  const text = kind === "ConfigMap" ? "Give the file that its `data` holds." : "Give the config file of the webhook.";
  return {
    ...locate(["kind"]),
    code: "E_CONFIG_TYPE",
    message: `this is a Kubernetes object of kind ${quoted(kind)}, not a config`,
    fix: text,
  };
}

/**
 * Keys named `__proto__` in what schemas take as free keys: libraries drop them without a word, so that a setting
 * would silently do nothing.
 */
export function droppedKeys({ value, locate }: Sections): readonly Problem[] {
  if (!isJsonObject(value)) return [];
  const managers: readonly unknown[] = Array.isArray(value["managers"]) ? value["managers"] : [];
  const free: readonly (readonly [Path, unknown])[] = [
    [["global"], value["global"]],
    ...managers.map((entry, index): readonly [Path, unknown] => [
      ["managers", index, "options"],
      isJsonObject(entry) ? entry["options"] : undefined,
    ]),
  ];
  return free
    .flatMap(([path, options]) => protoPaths(options, path))
    .map((path): Problem => ({
      ...locate(path, "key"),
      code: "E_CONFIG_UNKNOWN_KEY",
      message: `unknown option "__proto__" in ${quoted(path.slice(0, -1).join("."), 255)}`,
      fix: "Remove it.",
    }));
}

function protoPaths(value: unknown, path: Path): readonly Path[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, child]) => {
    const step = [...path, Array.isArray(value) ? Number(key) : key];
    return key === "__proto__" ? [step] : protoPaths(child, step);
  });
}
