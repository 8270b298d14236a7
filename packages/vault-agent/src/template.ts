/**
 * Templates that the Vault agent renders into a secret's file: Go's text/template with the functions of
 * consul-template. The agent parses all templates of a pod together, so one that does not parse takes the others
 * with it; and user text in it is code unless it is quoted.
 */
import { isIdentifier } from "@pod-secrets/core";

/** Text of a secret's file. */
export interface FileTemplate {
  readonly text: string;
  /** Whether it fails by itself when the key is missing; else the agent has to be told. */
  readonly failsWithoutKey: boolean;
}

/** Where an engine of Vault puts the keys of a secret. */
type Keys = ".Data" | ".Data.data";

/**
 * A template that renders one key of a secret: its value, and nothing before or after it.
 *
 * For a key that is an identifier it is Flyte's, byte by byte (v1.16.8 and v2.0, `vault_secret_manager.go`); that one
 * renders `<no value>` for the JSON value null, and for a missing key unless `error-on-missing-key` is set. Other keys
 * cannot be written as a field: their template is that of {@link checkedTemplate}.
 * @param path path in Vault
 * @param key any text without lone surrogates
 */
export function valueTemplate(path: string, data: Keys, key: string): FileTemplate {
  if (!isIdentifier(key)) return checkedTemplate(path, data, key);
  return { text: `{{- with secret ${goString(path)} -}}{{ ${data}.${key} }}{{- end -}}`, failsWithoutKey: false };
}

/**
 * The same for any key, and it fails for one that is missing or null. `index` gives nil for both, whatever
 * `error-on-missing-key` says; the check of its type makes the rendering fail. It uses functions of Go itself only,
 * since those of sprig are not in every Vault.
 */
export function checkedTemplate(path: string, data: Keys, key: string): FileTemplate {
  const value = `{{- $value := index ${data} ${goString(key)} -}}`;
  // The agent's log shows the first 20 characters of what failed, so these are words.
  const fail = '{{- if eq (printf "%T" $value) "<nil>" -}}{{ index "missing key" 99 }}{{- end -}}';
  return { text: `{{- with secret ${goString(path)} -}}${value}${fail}{{ $value }}{{- end -}}`, failsWithoutKey: true };
}

/** A Go string literal. Every escape of JSON is one of Go, but for those of lone surrogates. */
function goString(text: string): string {
  return JSON.stringify(text);
}
