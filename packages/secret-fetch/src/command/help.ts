/** The text of `--help`. */
import { FAILURES } from "../failure.ts";
import { FLAG_TEXTS } from "./flags.ts";

export function helpText(version: string): string {
  const exits = Object.entries(FAILURES).map(
    ([kind, { exit, summary }]) => [String(exit), `${kind}: ${summary}`] as const,
  );
  return [
    `pod-secrets-fetch ${version}: fetches the secrets of a pod into its memory volume.`,
    "",
    "Usage: pod-secrets-fetch [--request FILE] [--watch] [--termination-log FILE]",
    "",
    "Every secret that the pod requires is there when it exits with 0. Otherwise it exits with another code, leaves",
    "nothing new behind, and says why in one line, on standard error and in the container's termination message.",
    "",
    "Flags:",
    ...rows(FLAG_TEXTS),
    "",
    "Exit codes:",
    ...rows([["0", "everything is there"], ...exits]),
    "",
  ].join("\n");
}

function rows(table: readonly (readonly [string, string])[]): readonly string[] {
  const width = Math.max(...table.map(([name]) => name.length));
  return table.map(([name, text]) => `  ${name.padEnd(width)}  ${text}`);
}
