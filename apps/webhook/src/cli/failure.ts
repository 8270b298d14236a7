import { ERRORS, type AppErrorCode } from "../errors.ts";
import type { ExitCodeName } from "./exit-codes.ts";

/** A command cannot do what it was asked to; the user reads why in one line. */
export class CommandFailure extends Error {
  override readonly name = "CommandFailure";
  readonly code: AppErrorCode;
  readonly fix: string;
  readonly exit: ExitCodeName;

  /**
   * @param message what happened and where, in one line, without a full stop
   * @param fix what to do, a sentence; the catalogue's text when left out
   */
  constructor(code: AppErrorCode, message: string, fix: string = ERRORS[code].fix, exit: ExitCodeName = "misuse") {
    super(message);
    this.code = code;
    this.fix = fix;
    this.exit = exit;
  }
}

/** `pod-secrets: E_USAGE: what. Fix: ...` */
export function formatFailure({ code, message, fix }: CommandFailure): string {
  return `pod-secrets: ${code}: ${message}. Fix: ${fix}`;
}
