/** What is wrong with a config file, and where. */
import type { ConfigErrorCode } from "../errors.ts";

/** A place in a config file; lines and columns count from 1. */
export interface Position {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** A key or value of a config file. */
export interface Place extends Position {
  /** The key as the file has it, dotted: `managers.0.options.role`. Empty for the file as a whole. */
  readonly path: string;
}

/** One finding. A message never holds a value of the file, but for the name of a manager. */
export interface Problem extends Place {
  readonly code: ConfigErrorCode;
  /** What is wrong: one line without a full stop at the end. */
  readonly message: string;
  /** What to do: full sentences. */
  readonly fix: string;
}

/** Steps from the root of a config to a value: keys and list positions. */
export type Path = readonly (string | number)[];

/**
 * Where a key or its value stands in a config; the nearest thing around it when it is not there.
 * @param part of a path's last step; the value when left out
 */
export type Locate = (path: Path, part?: "key" | "value") => Place;

/** `server.port`, `managers.0.use`. */
export function dotted(path: Path): string {
  return path.join(".");
}

/** One line, as compilers write it: `file:line:column: CODE: message. Fix: ...`. */
export function formatProblem(problem: Problem): string {
  const { file, line, column, code, message, fix } = problem;
  // What cannot be read has no lines.
  const place = code === "E_CONFIG_FILE" ? file : `${file}:${line}:${column}`;
  return `${place}: ${code}: ${message}. Fix: ${fix}`;
}

/** By file and place, so that the list reads like the file, and each once. */
export function inFileOrder(problems: readonly Problem[]): readonly Problem[] {
  const distinct = new Map(problems.map((problem) => [formatProblem(problem), problem]));
  return [...distinct.values()].toSorted(
    (a, b) => compareText(a.file, b.file) || a.line - b.line || a.column - b.column,
  );
}

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
