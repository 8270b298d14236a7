/**
 * What may be told of an error that is not ours, such as one that a plugin throws: its text may hold a value; its
 * class and where it was thrown do not.
 */
import { isIdentifier } from "@pod-secrets/core";

/** Most frames that are told, and the longest, in characters. */
const MAX_FRAMES = 10;
const MAX_FRAME_LENGTH = 200;
/** Longest name of a class that is told, as core has it. */
const MAX_CLASS_LENGTH = 63;

/** A fault as a log line has it. */
export interface FaultFields {
  /** Class of the error; its type where it is none. */
  readonly error: string;
  /** Frames of its stack, the innermost first: `at function (file:line:column)`. */
  readonly at: readonly string[];
}

/** Class and frames of whatever was thrown. */
export function describeFault(fault: unknown): FaultFields {
  const stack: unknown = isError(fault) ? attempt(() => fault.stack) : undefined;
  // A text of several lines may look like frames.
  const lines = typeof stack === "string" ? stack.split("\n") : [];
  const frames = lines.filter((line) => /^\s+at .*:\d+:\d+\)?$/.test(line));
  const at = frames.slice(0, MAX_FRAMES).map((line) => line.trim().slice(0, MAX_FRAME_LENGTH));
  return { error: faultName(fault), at };
}

/**
 * `TypeError` of such an error, `string` of a thrown text. A class may have any name, or none that can be read: then
 * it is `Error`.
 */
export function faultName(fault: unknown): string {
  if (!isError(fault)) return typeof fault;
  const name: unknown = attempt(() => fault.constructor.name);
  return typeof name === "string" && name.length <= MAX_CLASS_LENGTH && isIdentifier(name) ? name : "Error";
}

/** Asking an object what it is may run code of whoever threw it. */
function isError(fault: unknown): fault is Error {
  return attempt(() => fault instanceof Error) ?? false;
}

function attempt<Value>(read: () => Value): Value | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
