/**
 * Structured logs: one JSON object per line on standard output, by pino. The reader may be slow or gone; that
 * must not hold up an admission, so lines are gathered and written beside it, and dropped when too many wait.
 */
import { constants, fstatSync, openSync } from "node:fs";
import type { Logger, LogFields } from "@pod-secrets/core";
import pino from "pino";

import type { LogConfig } from "../config/schema/log.ts";

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
  /** Writes what waits. Resolves when it is written, or when nobody takes it for a second. */
  flush(): Promise<void>;
  /** Does the same, and lets go of what is left: the process can end then. Nothing is logged afterwards. */
  close(): Promise<void>;
}

/** Fields whose content never belongs in a log, should somebody put it there. */
const REDACTED = ["value", "data", "secret", "password", "token", "patch", "object", "body"];

/** Lines are written together when so many bytes wait, or after so many milliseconds: each write costs a turn of another thread. */
const BATCH_BYTES = 32_768;
/** Most bytes of one write: what a pipe of Linux holds (pipe(7)). */
const MAX_WRITE_BYTES = 65_536;
const BATCH_MILLISECONDS = 100;
/** Bytes that may wait; more are dropped. */
const MAX_WAITING_BYTES = 4_194_304;
/** How long a reader may take at the end, in milliseconds. */
const FLUSH_LIMIT = 1000;

/**
 * Opens the log.
 * @param destination file descriptor or file
 */
export function openLog(level: LogLevel, destination: number | string = 1): Log {
  let dropped = 0;
  let isOver = false;
  const stream = pino.destination({
    dest: notBlocking(destination),
    sync: false,
    minLength: BATCH_BYTES,
    maxWrite: MAX_WRITE_BYTES,
    maxLength: MAX_WAITING_BYTES,
    periodicFlush: BATCH_MILLISECONDS,
  });
  stream.on("drop", () => dropped++);
  const end = (): void => {
    isOver = true;
    logger.level = "silent";
    stream.destroy();
  };
  // The reader has gone. There is nobody left to tell, and admissions go on.
  stream.on("error", end);
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
      if (!isOver) logger.level = next;
    },
    dropped: () => dropped,
    flush: () => flush(stream),
    close: async () => {
      await flush(stream);
      if (!isOver) end();
    },
  };
}

const NO_FIELDS: LogLineFields = {};

/** The stream's own flush at once would wait for ever for a reader that does not read. */
function flush(stream: { flush(callback: () => void): void }): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, FLUSH_LIMIT);
    const done = (): void => {
      clearTimeout(timer);
      resolve();
    };
    // The first one may only wait for a write that is under way, and leave what came after it; the second writes that.
    stream.flush(() => stream.flush(done));
  });
}

/**
 * A pipe that is full holds up whoever writes to it, and the end of the process too. Opened anew it does not, and
 * stays as it is for others. Where that is not possible, such as beside Linux, the destination stays.
 */
function notBlocking(destination: number | string): number | string {
  if (typeof destination === "string" || !fstatSync(destination).isFIFO()) return destination;
  try {
    return openSync(`/proc/self/fd/${destination}`, constants.O_WRONLY | constants.O_NONBLOCK);
  } catch {
    return destination;
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
