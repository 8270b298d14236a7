/**
 * One `flyteidl.core.Secret` in the protobuf text format. Flyte writes it with `proto.MarshalTextString` and reads
 * it with `proto.UnmarshalText` of `github.com/golang/protobuf` v1.5.4; grammar and error texts are those.
 */
import { quoted } from "../printable.ts";
import { utf8Text } from "./byte-text.ts";
import { quoteUtf8 } from "./string-literal.ts";
import { advance, excerpt, fail, scan, type TextScanner } from "./text-scanner.ts";

/** The fields of a Secret message. Bytes that are no UTF-8 are U+FFFD. */
export interface SecretMessage {
  readonly group: string;
  readonly groupVersion: string;
  readonly key: string;
  /** Any 32-bit integer: the text may give one that the enum does not have. */
  readonly mountRequirement: number;
  readonly envVar: string;
}

/** Names in `flyteidl.core.Secret.MountType`; the index is the number. */
const MOUNT_TYPES = ["ANY", "ENV_VAR", "FILE"] as const;

type Field = keyof SecretMessage;

/** In the order of the field numbers. */
const FIELDS: ReadonlyMap<string, Field> = new Map<string, Field>([
  ["group", "group"],
  ["group_version", "groupVersion"],
  ["key", "key"],
  ["mount_requirement", "mountRequirement"],
  ["env_var", "envVar"],
]);

/** Writes a message: a line per field that is set. */
export function printSecret(message: SecretMessage): string {
  let text = "";
  for (const [name, field] of FIELDS) {
    const value = message[field];
    if (value === "" || value === 0) continue;
    text += `${name}: ${typeof value === "string" ? quoteUtf8(value) : (MOUNT_TYPES[value] ?? value)}\n`;
  }
  return text;
}

/**
 * Reads a message.
 * @param bytes a byte text
 * @param onError makes the error to throw from Flyte's text for the cause, such as `line 1.7: unmatched quote`
 */
export function parseSecret(bytes: string, onError: (cause: string) => Error): SecretMessage {
  return readAsWritten(bytes) ?? scanMessage(bytes, onError);
}

/** A message as {@link printSecret} and Flyte write it, where no text in it needs an escape. */
const AS_WRITTEN = new RegExp(
  `^${[...FIELDS].map(([name, field]) => `(?:${name}: ${field === "mountRequirement" ? "(ENV_VAR|FILE)" : '"([ !#-[\\]-~]*)"'}\n)?`).join("")}$`,
);

/** Nearly every message is so, and one look reads it; `undefined` for any other, right or wrong. */
function readAsWritten(text: string): SecretMessage | undefined {
  const found = AS_WRITTEN.exec(text);
  if (found === null) return undefined;
  const [, group = "", groupVersion = "", key = "", mount = "ANY", envVar = ""] = found;
  return { group, groupVersion, key, mountRequirement: MOUNT_TYPES.findIndex((name) => name === mount), envVar };
}

function scanMessage(bytes: string, onError: (cause: string) => Error): SecretMessage {
  const scanner = scan(bytes, onError);
  const message = { group: "", groupVersion: "", key: "", mountRequirement: 0, envVar: "" };
  const seen: Field[] = [];
  while (!scanner.ended) {
    const field = readFieldName(scanner, seen);
    if (field === "mountRequirement") message.mountRequirement = readEnum(scanner);
    else message[field] = readString(scanner);
    advance(scanner);
    if (scanner.token === ";" || scanner.token === ",") advance(scanner);
  }
  return message;
}

/** Reads a field name and its colon, up to the value. */
function readFieldName(scanner: TextScanner, seen: Field[]): Field {
  if (scanner.token === "[") refuseExtension(scanner);
  const field = FIELDS.get(scanner.token);
  if (field === undefined) fail(scanner, `unknown field name ${quotedBytes(scanner.token)} in core.Secret`);
  if (seen.includes(field)) fail(scanner, `non-repeated field ${quotedBytes(scanner.token)} was repeated`);
  seen.push(field);
  advance(scanner);
  if (scanner.token !== ":") fail(scanner, `expected ':', found ${quotedBytes(scanner.token)}`);
  advance(scanner);
  if (scanner.ended) fail(scanner, "unexpected EOF");
  return field;
}

function readString(scanner: TextScanner): string {
  if (scanner.content === undefined) fail(scanner, `invalid string: ${excerpt(scanner.token)}`);
  return utf8Text(scanner.content);
}

// What Go's ParseInt takes with base 0: a sign, a base prefix, underscores between digits.
const INTEGER = /^[+-]?(?:0[xX](?:_?[0-9a-fA-F])+|0[bB](?:_?[01])+|0[oO](?:_?[0-7])+|0(?:_?[0-7])*|[1-9](?:_?[0-9])*)$/;
const MAX_INTEGER_LENGTH = 1024;

function readEnum(scanner: TextScanner): number {
  const { token } = scanner;
  const known = MOUNT_TYPES.findIndex((name) => name === token);
  if (known !== -1) return known;
  const value = token.length <= MAX_INTEGER_LENGTH && INTEGER.test(token) ? parseInteger(token) : Number.NaN;
  if (value >= -(2 ** 31) && value < 2 ** 31) return value;
  return fail(scanner, `invalid enum: ${excerpt(token)}`);
}

function parseInteger(token: string): number {
  const digits = token.replace(/^[+-]/, "").replaceAll("_", "");
  const value = Number(/^0[0-7]/.test(digits) ? `0o${digits}` : digits);
  return token.startsWith("-") ? 0 - value : value;
}

/** A Secret has no extensions, but the error says which one was meant. */
function refuseExtension(scanner: TextScanner): never {
  const name = readExtensionName(scanner);
  const slash = name.lastIndexOf("/");
  if (slash === -1) fail(scanner, `unrecognized extension ${quotedBytes(name)}`);
  advance(scanner);
  if (scanner.token === ":") advance(scanner);
  if (scanner.token === "{" || scanner.token === "<")
    fail(scanner, `unrecognized message ${quotedBytes(name.slice(slash + 1))} in google.protobuf.Any`);
  fail(scanner, `expected '{' or '<', found ${quotedBytes(scanner.token)}`);
}

/** Reads up to the closing bracket: one string, or any other tokens as they stand. */
function readExtensionName(scanner: TextScanner): string {
  advance(scanner);
  const { content } = scanner;
  if (content !== undefined && content !== "") {
    advance(scanner);
    if (scanner.token !== "]") fail(scanner, `expected "]", found ${quotedBytes(scanner.token)}`);
    return content;
  }
  let name = "";
  for (; scanner.token !== "]"; advance(scanner)) {
    if (scanner.ended) fail(scanner, "unclosed type_url or extension name");
    name += scanner.token;
  }
  return name;
}

function quotedBytes(token: string): string {
  return quoted(utf8Text(token));
}
