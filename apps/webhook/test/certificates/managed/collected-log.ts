/** A log whose lines are looked at. */
import type { LogFields, Logger } from "@pod-secrets/core";

export interface CollectedLine {
  readonly level: string;
  readonly message: string;
  readonly fields: LogFields;
}

export interface CollectedLog {
  readonly log: Logger;
  readonly lines: readonly CollectedLine[];
  codes(): readonly unknown[];
}

export function collectLog(): CollectedLog {
  const lines: CollectedLine[] = [];
  const write =
    (level: string) =>
    (message: string, fields: LogFields = {}): void => {
      lines.push({ level, message, fields });
    };
  return {
    log: { debug: write("debug"), info: write("info"), warn: write("warn"), error: write("error") },
    lines,
    codes: () => lines.map(({ fields }) => fields["code"]),
  };
}
