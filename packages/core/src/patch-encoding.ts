/** A JSON Patch as it goes out in a review: base64 of its JSON. */
import type { PatchOperation } from "./patch.ts";

/** Base64 of ASCII: everything beyond goes out as a JSON escape, since `btoa` takes bytes and not text. */
export function encodePatch(patch: readonly PatchOperation[]): string {
  // All containers get the same env vars, so each value is written once.
  const written = new Map<unknown, string>();
  let json = "";
  for (const operation of patch) {
    json += `${json === "" ? "[" : ","}{"op":"${operation.op}","path":${asciiJson(operation.path)}`;
    if (operation.op !== "remove") {
      let value = written.get(operation.value);
      if (value === undefined) written.set(operation.value, (value = asciiJson(operation.value)));
      json += `,"value":${value}`;
    }
    json += "}";
  }
  return btoa(json === "" ? "[]" : `${json}]`);
}

function asciiJson(value: unknown): string {
  const json = JSON.stringify(value);
  return BEYOND_ASCII.test(json) ? json.replaceAll(BEYOND_ASCII_UNITS, escapeUnit) : json;
}

const BEYOND_ASCII = /[\u0080-\uffff]/;
const BEYOND_ASCII_UNITS = /[\u0080-\uffff]/g;

function escapeUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
