/** How Flyte v2's secret service names and stores secrets in Azure Key Vault, whose names hold letters, digits and hyphens. */
import { FetchFailure, parseJsonObject, textField } from "@pod-secrets/secret-fetch/stores";

import type { ScopedName } from "../scope.ts";

/** Version of the coding, then the scope, then the key in base32. */
export function azureName({ organization, domain, project, key }: ScopedName): string {
  return ["1", ...[organization, domain, project].map(escaped), base32(key)].join("-");
}

/** A hyphen ends a part, so within one it is written otherwise. */
function escaped(part: string): string {
  return part.replaceAll("0", "00").replaceAll("-", "01");
}

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** RFC 4648, without padding. */
function base32(text: string): string {
  let bits = "";
  for (const byte of new TextEncoder().encode(text)) bits += byte.toString(2).padStart(8, "0");
  return (bits.match(/.{1,5}/g) ?? []).map((group) => ALPHABET[Number.parseInt(group.padEnd(5, "0"), 2)]).join("");
}

/**
 * The value in what is stored: JSON with its type.
 * @throws FetchFailure `unusable-value`
 */
export function azureValue(stored: Uint8Array): Uint8Array {
  const object = parseJsonObject(stored) ?? {};
  const value = textField(object, "value");
  const type = textField(object, "type");
  if (value !== undefined && type === "STRING") return Buffer.from(value);
  if (value !== undefined && type === "BINARY" && /^[A-Za-z0-9+/]*={0,2}$/.test(value))
    return Buffer.from(value, "base64");
  throw new FetchFailure(
    "unusable-value",
    "the secret is not stored as Flyte's secret service stores it in Azure",
    'Store it as JSON with "type" and "value", or by the secret service.',
  );
}
