/**
 * What may be told of an error that is not ours, such as one that a plugin throws: its text may hold a value; its
 * class and where it was thrown do not.
 */

/** Most frames that are told, and the longest, in characters. */
const MAX_FRAMES = 10;
const MAX_FRAME_LENGTH = 200;

/** A fault as a log line has it. */
export interface FaultFields {
  /** Class of the error; its type where it is none. */
  readonly error: string;
  /** Frames of its stack, the innermost first: `at function (file:line:column)`. */
  readonly at: readonly string[];
}

/** Class and frames of whatever was thrown. */
export function describeFault(fault: unknown): FaultFields {
  const stack = fault instanceof Error ? (fault.stack ?? "") : "";
  // A text of several lines may look like frames.
  const frames = stack.split("\n").filter((line) => /^\s+at .*:\d+:\d+\)?$/.test(line));
  const at = frames.slice(0, MAX_FRAMES).map((line) => line.trim().slice(0, MAX_FRAME_LENGTH));
  return { error: faultName(fault), at };
}

/** `TypeError` of such an error, `string` of a thrown text. */
export function faultName(fault: unknown): string {
  return fault instanceof Error ? fault.constructor.name : typeof fault;
}
