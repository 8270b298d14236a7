/** The file, directory or pattern after `--config` -> texts. */
import { createHash } from "node:crypto";
import { globSync } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { dirname, join } from "node:path";

import { quoted } from "@pod-secrets/core";

import { readRegularFile, type FileRead } from "../files/regular-file.ts";
import type { Problem } from "./problems.ts";

export interface ConfigText {
  readonly file: string;
  readonly text: string;
}

export interface ConfigTexts {
  /** Hash of names and texts, or of why they cannot be read. */
  readonly revision: string;
  readonly texts: readonly ConfigText[];
  readonly problems: readonly Problem[];
  /** Plugins are looked for from here. */
  readonly baseDirectory: string;
}

/** Largest config file, in bytes: Kubernetes' limit for a whole ConfigMap. */
const MAX_CONFIG_BYTES = 1_048_576;

const YAML_NAME = /\.(ya?ml|json)$/;
const PATTERN = /[*?[\]{}]/;

/** Reads the file, every YAML file of the directory, or every file that the pattern matches, by name. */
export async function readConfigTexts(where: string): Promise<ConfigTexts> {
  const found = await filesAt(where);
  const read = "problem" in found ? [found] : await Promise.all(found.files.map(readText));
  return {
    revision: revisionOf(read),
    texts: read.flatMap((result) => ("text" in result ? [result] : [])),
    problems: read.flatMap((result) => ("problem" in result ? [result.problem] : [])),
    baseDirectory: "problem" in found ? dirname(where) : found.baseDirectory,
  };
}

function revisionOf(content: unknown): string {
  return createHash("sha256").update(JSON.stringify(content)).digest("hex").slice(0, 12);
}

type Found = { readonly files: readonly string[]; readonly baseDirectory: string } | { readonly problem: Problem };

async function filesAt(where: string): Promise<Found> {
  try {
    if ((await stat(where)).isDirectory()) return severalFiles(where, await yamlFilesIn(where), where);
    return { files: [where], baseDirectory: dirname(where) };
  } catch (error) {
    if (errorCode(error) === "ENOENT" && PATTERN.test(where)) {
      const files = globSync(where).toSorted();
      return severalFiles(where, files, dirname(files[0] ?? where));
    }
    return { problem: fileProblem(where, reasonOf(error)) };
  }
}

function severalFiles(where: string, files: readonly string[], baseDirectory: string): Found {
  if (files.length === 0) return { problem: fileProblem(where, "no YAML file is there") };
  return { files, baseDirectory };
}

/** Not the hidden ones: a mounted ConfigMap keeps its generations in `..data` and `..2026_...`. */
async function yamlFilesIn(directory: string): Promise<readonly string[]> {
  const names = await readdir(directory);
  return names
    .filter((name) => YAML_NAME.test(name) && !name.startsWith("."))
    .toSorted()
    .map((name) => join(directory, name));
}

async function readText(file: string): Promise<ConfigText | { readonly problem: Problem }> {
  try {
    const read = await readRegularFile(file, MAX_CONFIG_BYTES);
    if (read.outcome !== "read") return { problem: fileProblem(file, UNREAD[read.outcome]) };
    return { file, text: new TextDecoder("utf-8", { fatal: true }).decode(read.bytes) };
  } catch (error) {
    return { problem: fileProblem(file, reasonOf(error)) };
  }
}

const UNREAD: Readonly<Record<Exclude<FileRead["outcome"], "read">, string>> = {
  directory: "it is a directory",
  "not-regular": "it is no regular file",
  "too-large": "it is larger than 1 MiB",
};

function fileProblem(file: string, reason: string): Problem {
  return {
    file,
    line: 1,
    column: 1,
    path: "",
    code: "E_CONFIG_FILE",
    message: `config ${quoted(file, 255)} cannot be read: ${reason}`,
    fix: "Check the path and its permissions.",
  };
}

function reasonOf(error: unknown): string {
  switch (errorCode(error)) {
    case "ENOENT":
    case "ENOTDIR":
      return "it does not exist";
    case "EACCES":
    case "EPERM":
      return "permission denied";
    case "ERR_ENCODING_INVALID_ENCODED_DATA":
      return "it is not UTF-8 text";
    default:
      return errorCode(error) || "reading failed";
  }
}

function errorCode(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
}
