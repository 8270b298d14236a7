/**
 * Structured logs: one JSON object per line. Written here and not by a library, which would cost every admission
 * and every start more than all the rest of telemetry.
 */
import type { Logger, LogFields } from "@pod-secrets/core";

import type { LogConfig } from "../config/schema.ts";
import { createLineWriter } from "./line-writer.ts";

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
const REDACTED: ReadonlySet<string> = new Set([
  "value",
  "data",
  "secret",
  "password",
  "token",
  "patch",
  "object",
  "body",
]);

const GRAVITY = { debug: 0, info: 1, warn: 2, error: 3, silent: 4 } as const satisfies Record<LogLevel, number>;

/**
 * Opens the log.
 * @param descriptor where it goes: standard output
 */
export function openLog(level: LogLevel, descriptor: number = 1): Log {
  const writer = createLineWriter(descriptor);
  const timestamp = createTimestamp();
  let least: number = GRAVITY[level];
  const logAt = (name: Exclude<LogLevel, "silent">): Log["info"] => {
    const gravity = GRAVITY[name];
    return (message, fields) => {
      if (gravity >= least) writer.write(lineOf(name, timestamp(), message, fields));
    };
  };
  return {
    debug: logAt("debug"),
    info: logAt("info"),
    warn: logAt("warn"),
    error: logAt("error"),
    setLevel: (next) => {
      least = GRAVITY[next];
    },
    dropped: writer.dropped,
    flush: writer.flush,
  };
}

function lineOf(level: LogLevel, time: string, message: string, fields: LogLineFields = {}): string {
  const line: Record<string, unknown> = { level, time };
  for (const [name, value] of Object.entries(fields)) line[name] = REDACTED.has(name) ? "[redacted]" : value;
  try {
    // A field must not stand in for what the line itself says.
    return `${JSON.stringify({ ...line, level, time, message })}\n`;
  } catch {
    // An injector from elsewhere logged what is no JSON, such as an object that contains itself.
    return `${JSON.stringify({ level, time, fields: "(cannot be written)", message })}\n`;
  }
}

/** The time as text; a busy process asks for it many times in a millisecond. */
function createTimestamp(): () => string {
  let at = 0;
  let text = "";
  return () => {
    const now = Date.now();
    if (now !== at) text = new Date(now).toISOString();
    at = now;
    return text;
  };
}
