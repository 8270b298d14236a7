/** Files and standard input -> Kubernetes objects, one after the other, in YAML or JSON. */
import { createReadStream } from "node:fs";
import { Composer, LineCounter, type Document } from "yaml";
import { quoted, type JsonObject } from "@pod-secrets/core";

import { TOO_DEEP, isTooDeep, shallowTokens } from "../../config/nesting.ts";
import { AppError } from "../../errors.ts";
import { splitJson } from "./json-values.ts";
import { YAML_OPTIONS, isEditable, layoutOf, type YamlSource } from "./kubernetes-yaml.ts";
import type { Streams } from "../streams.ts";
import { decodeUtf8, peek } from "./text-stream.ts";
import { hasComments } from "./yaml-comments.ts";
import { splitYaml, type YamlText } from "./yaml-texts.ts";

/** One document of the input. */
export interface InputDocument {
  /** Where it is, for messages: `pods.yaml`, or `pods.yaml:12` for one further down. */
  readonly place: string;
  /** As plain JSON. */
  readonly value: JsonObject;
  /** What it was read from, where a change can be made in it. Absent for JSON. */
  readonly yaml?: YamlSource;
  /** How the lines of its YAML end, where that is not with a line feed alone. */
  readonly lineEnd?: typeof WINDOWS_LINE_END;
  /** It is YAML with comments in which no change can be made. */
  readonly losesComments?: true;
}

const WINDOWS_LINE_END = "\r\n";

/** A document that cannot be read does not hide the ones after it. */
export type DocumentRead = InputDocument | AppError;

/**
 * Reads documents as they come, so that a long input needs little memory.
 * @param files paths; `-` is standard input
 */
export async function* readDocuments(files: readonly string[], streams: Streams): AsyncGenerator<DocumentRead> {
  for (const file of files) {
    const name = nameOf(file);
    try {
      yield* readStream(name, file === "-" ? streams.stdin : createReadStream(file));
    } catch (error) {
      if (!isSystemError(error)) throw error;
      yield new AppError("E_INPUT", `${name}: ${SYSTEM_ERRORS.get(error.code) ?? error.code}`, FILE_FIX);
    }
  }
}

const FILE_FIX = "Check the path and its permissions.";
const SYSTEM_ERRORS: ReadonlyMap<string, string> = new Map([
  ["ENOENT", "there is no such file"],
  ["EACCES", "it may not be read"],
  ["EISDIR", "it is a directory"],
]);

/** By its first character: `{` or `[` starts JSON, unless the file says that it is YAML. */
async function* readStream(name: string, bytes: AsyncIterable<Uint8Array | string>): AsyncGenerator<DocumentRead> {
  const chunks = decodeUtf8(bytes);
  try {
    const [head, all] = await peek(chunks);
    if (/^\s*[[{]/.test(head) && !/\.ya?ml$/i.test(name)) yield* readJson(name, all);
    else yield* readYaml(name, all);
  } catch (error) {
    if (!(error instanceof TypeError) || !hasCode(error, "ERR_ENCODING_INVALID_ENCODED_DATA")) throw error;
    yield new AppError("E_INPUT", `${name}: it is not text in UTF-8`, "Save it as UTF-8.");
  }
}

async function* readJson(name: string, chunks: AsyncIterable<string>): AsyncGenerator<DocumentRead> {
  for await (const value of splitJson(chunks)) {
    const parsed = parseJson(value.text);
    // What is no JSON may be YAML, such as `{kind: Pod}`. And where it is neither, YAML's parser knows the place.
    if (parsed === undefined) yield* readYamlText(name, value);
    else yield* accept(placeOf(name, value.line), parsed);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function* readYaml(name: string, chunks: AsyncIterable<string>): AsyncGenerator<DocumentRead> {
  for await (const text of splitYaml(chunks)) yield* readYamlText(name, text);
}

function* readYamlText(name: string, { text, line }: YamlText): Generator<DocumentRead> {
  const lineCounter = new LineCounter();
  const composer = new Composer(YAML_OPTIONS);
  const isWindows = text.includes(WINDOWS_LINE_END);
  // YAML takes both for one, but the library leaves it at the end of comments.
  const lines = isWindows ? text.replaceAll(WINDOWS_LINE_END, "\n") : text;
  const documents = attempt(() => Array.from(composer.compose(shallowTokens(lines, lineCounter.addNewLine))));
  if (documents === undefined) {
    yield unreadable(placeOf(name, line), TOO_DEEP);
    return;
  }
  for (const document of documents) {
    for (const read of acceptYaml(name, document, lineCounter, line))
      yield isWindows && !(read instanceof AppError) ? { ...read, lineEnd: WINDOWS_LINE_END } : read;
  }
}

function* acceptYaml(
  name: string,
  document: Document.Parsed,
  lines: LineCounter,
  start: number,
): Generator<DocumentRead> {
  const placeAt = (offset: number): { line: number; col: number } => {
    const { line, col } = lines.linePos(offset);
    return { line: line + start - 1, col };
  };
  const [error] = document.errors;
  if (error !== undefined) {
    const { line, col } = placeAt(error.pos[0]);
    yield unreadable(`${name}:${line}:${col}`, printable(error.message));
    return;
  }
  const place = placeOf(name, placeAt(document.contents?.range[0] ?? 0).line);
  const value: unknown = attempt(() => document.toJS());
  if (value === undefined) {
    yield unreadable(place, "an alias has no anchor, there are too many of them, or what is merged is no mapping");
    return;
  }
  if (!isEditable(document)) {
    for (const read of accept(place, value))
      yield hasComments(document) && !(read instanceof AppError) ? { ...read, losesComments: true } : read;
    return;
  }
  // Documents are joined by `---` when they are written.
  document.directives.docStart = null;
  yield* accept(place, value, { document, layout: layoutOf(document, lines) });
}

function* accept(place: string, value: unknown, yaml?: YamlSource): Generator<DocumentRead> {
  // Nothing between two `---`.
  if (value === null || value === undefined) return;
  if (typeof value !== "object" || Array.isArray(value)) {
    yield new AppError("E_INPUT", `${place}: it is no Kubernetes object`, "Write an object with apiVersion and kind.");
  } else if (isTooDeep(value)) {
    yield unreadable(place, TOO_DEEP);
  } else {
    yield { place, value: value as JsonObject, ...(yaml === undefined ? {} : { yaml }) };
  }
}

function unreadable(place: string, reason: string): AppError {
  return new AppError("E_INPUT", `${place}: ${reason}`);
}

/** Work that fails on aliases, merges or depth: the library throws errors of several classes for that. */
function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}

function nameOf(file: string): string {
  return file === "-" ? "standard input" : printable(file);
}

function placeOf(name: string, line: number): string {
  return line <= 1 ? name : `${name}:${line}`;
}

/** Text of the user's as it is, or quoted where it could forge a line. */
function printable(text: string): string {
  return /^[\x20-\x7e]{1,300}$/.test(text) ? text : quoted(text, 300);
}

function isSystemError(error: unknown): error is Error & { readonly code: string } {
  return error instanceof Error && "syscall" in error && "code" in error && typeof error.code === "string";
}

function hasCode(error: Error, code: string): boolean {
  return "code" in error && error.code === code;
}
