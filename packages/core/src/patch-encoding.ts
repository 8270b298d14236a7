/** A JSON Patch as it goes out in a review: base64 of its JSON. */
import type { PatchOperation } from "./patch.ts";
import { utf8Length } from "./printable.ts";

/** Base64 of ASCII: everything beyond goes out as a JSON escape, since `btoa` takes bytes and not text. */
export function encodePatch(patch: readonly PatchOperation[]): string {
  // All containers get the same env vars, so each value is written once.
  const written = new Map<unknown, string>();
  let json = "";
  for (const operation of patch) {
    json += `${json === "" ? "[" : ","}{"op":"${operation.op}","path":${JSON.stringify(operation.path)}`;
    if (operation.op !== "remove") {
      let value = written.get(operation.value);
      if (value === undefined) written.set(operation.value, (value = JSON.stringify(operation.value)));
      json += `,"value":${value}`;
    }
    json += "}";
  }
  return btoa(ascii(json === "" ? "[]" : `${json}]`));
}

function ascii(json: string): string {
  // Told from the length faster than by a search.
  return utf8Length(json) === json.length ? json : json.replaceAll(BEYOND_ASCII, escapeUnit);
}

const BEYOND_ASCII = /[\u0080-\uffff]/g;

function escapeUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
