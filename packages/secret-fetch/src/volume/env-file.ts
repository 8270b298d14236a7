/**
 * Env files, as the kubelet reads them for `fileKeyRef`: `KEY='value'` per line, the value taken as it stands between
 * the quotes. Source: kubernetes/pkg/kubelet/util/env/env_util.go and kubelet_pods.go, 1.36; beta since 1.35.
 */
import { FetchFailure } from "../failure.ts";

/** Longest argument or env var of a program on Linux, with its name, `=` and the NUL at its end (`MAX_ARG_STRLEN`). */
const MAX_ENV_BYTES = 131_072;
/** The kubelet's scanner reads lines of up to 64 KiB with their end (`bufio.MaxScanTokenSize`). */
const MAX_LINE_BYTES = 65_535;

/** One env var. */
export interface EnvLine {
  readonly key: string;
  /** Checked by {@link envValue}. */
  readonly value: string;
}

/** The file's text. It is written also when it has no line: the kubelet takes a missing file for an error, even of an optional var. */
export function formatEnvFile(lines: readonly EnvLine[]): string {
  return lines.map(({ key, value }) => `${key}='${value}'\n`).join("");
}

/**
 * A value as an env var of an env file.
 * @throws FetchFailure `unusable-value` when the kubelet would read another value than this, or none
 */
export function envValue(key: string, bytes: Uint8Array): string {
  const text = decode(bytes);
  const fault = text === undefined ? "is no text in UTF-8" : valueFault(key, text);
  if (text !== undefined && fault === undefined) return text;
  throw new FetchFailure(
    "unusable-value",
    `the value cannot be env var ${key} of an env file: it ${fault}`,
    "Ask for it as a file.",
  );
}

function valueFault(key: string, text: string): string | undefined {
  // The kubelet takes an empty value for one that is not there.
  if (text === "") return "is empty";
  if (text.includes("'")) return "has a single quote";
  if (text.includes("\0")) return "has a NUL character";
  // The kubelet's scanner takes a carriage return at the end of a line away.
  if (text.includes("\r\n")) return "has line ends of Windows";
  const line = `${key}='${text}'`;
  if (Buffer.byteLength(line) >= MAX_ENV_BYTES) return "is longer than an env var can be";
  if (line.split("\n").some((part) => Buffer.byteLength(part) > MAX_LINE_BYTES - 1))
    return "has a line of 64 KiB or more";
  return undefined;
}

function decode(bytes: Uint8Array): string | undefined {
  try {
    // A byte order mark is a part of the value.
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
