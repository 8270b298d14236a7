export type ServerErrorCode = "E_SERVER_NO_PYTHON" | "E_SERVER_INSTALL" | "E_SERVER_START";

/** A server of the tests cannot be had. One line: code, what and why, fix. */
export class ServerError extends Error {
  override readonly name = "ServerError";
  readonly code: ServerErrorCode;

  /** @param message what and why, without a full stop; @param fix a sentence */
  constructor(code: ServerErrorCode, message: string, fix: string) {
    super(`${code}: ${message}. Fix: ${fix}`);
    this.code = code;
  }
}
