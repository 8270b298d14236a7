import { quoted } from "../printable.ts";

/** An entry of a list of the pod. */
export interface Named {
  readonly name?: string;
}

/** How a message calls it. */
export function entryName(entry: Named): string {
  return typeof entry.name === "string" ? quoted(entry.name) : "without a name";
}
