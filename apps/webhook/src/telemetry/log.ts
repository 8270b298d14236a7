/**
 * Structured logs: one JSON object per line on standard output, by pino. The reader may be slow or gone; that
 * must not hold up an admission, so lines are gathered and written beside it, and dropped when too many wait.
 */
import type { Logger, LogFields } from "@pod-secrets/core";
import pino from "pino";

import type { LogConfig } from "../config/schema.ts";

export type LogLevel = LogConfig["level"];

/** What stands in a line beside its message: names and numbers. Never a secret value. */
export type LogLineFields = Readonly<Record<string, LogFields[string] | readonly string[]>>;

export interface Log extends Logger {
  debug(message: string, fields?: LogLineFields): void;
  info(message: string, fields?: LogLineFields): void;
  warn(message: string, fields?: LogLineFields): void;
  error(message: string, fields?: LogLineFields): void;
  /** The least grave level that is written. */
  setLevel(level: LogLevel): void;
  /** Lines that were thrown away because nobody took them. */
  readonly dropped: () => number;
  /** Writes what waits, and returns when it is written. */
  flush(): void;
}

/** Fields whose content never belongs in a log, should somebody put it there. */
const REDACTED = ["value", "data", "secret", "password", "token", "patch", "object", "body"];

/** Lines are written together when so many bytes wait, or after so many milliseconds. */
const BATCH_BYTES = 8192;
const BATCH_MILLISECONDS = 100;
/** Bytes that may wait; more are dropped. */
const MAX_WAITING_BYTES = 4_194_304;

/**
 * Opens the log.
 * @param destination file descriptor or file
 */
export function openLog(level: LogLevel, destination: number | string = 1): Log {
  let dropped = 0;
  const stream = pino.destination({
    dest: destination,
    sync: false,
    minLength: BATCH_BYTES,
    maxLength: MAX_WAITING_BYTES,
    periodicFlush: BATCH_MILLISECONDS,
  });
  stream.on("drop", () => dropped++);
  // The reader has gone. There is nobody left to tell, and admissions go on.
  stream.on("error", () => {});
  const logger = pino(
    {
      level,
      base: null,
      messageKey: "message",
      timestamp: createTimestamp(),
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: REDACTED, censor: "[redacted]" },
    },
    stream,
  );
  return {
    debug: (message, fields) => logger.debug(fields ?? NO_FIELDS, message),
    info: (message, fields) => logger.info(fields ?? NO_FIELDS, message),
    warn: (message, fields) => logger.warn(fields ?? NO_FIELDS, message),
    error: (message, fields) => logger.error(fields ?? NO_FIELDS, message),
    setLevel: (next) => {
      logger.level = next;
    },
    dropped: () => dropped,
    flush: () => flush(stream),
  };
}

const NO_FIELDS: LogLineFields = {};

function flush(stream: { flushSync(): void }): void {
  try {
    stream.flushSync();
  } catch {
    // Nobody reads any more.
  }
}

/** The time as pino wants it, `,"time":"..."`; a busy process asks for it many times in a millisecond. */
function createTimestamp(): () => string {
  let at = 0;
  let text = "";
  return () => {
    const now = Date.now();
    if (now !== at) text = `,"time":"${new Date(now).toISOString()}"`;
    at = now;
    return text;
  };
}
