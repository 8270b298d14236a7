export type ToolErrorCode =
  | "E_TOOL_NO_GO"
  | "E_TOOL_BUILD"
  | "E_TOOL_MISSING"
  | "E_TOOL_HELM"
  | "E_TOOL_VAULT"
  | "E_TOOL_POSTGRESQL";

/** A tool of the tests cannot be had, or did not do its work. */
export class ToolError extends Error {
  override readonly name = "ToolError";
  readonly code: ToolErrorCode;

  /** @param message what and why, without a full stop; @param fix a sentence */
  constructor(code: ToolErrorCode, message: string, fix: string) {
    super(`${code}: ${message}. Fix: ${fix}`);
    this.code = code;
  }
}
