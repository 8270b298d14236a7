/** From arguments to an exit code: the only place where a command's errors become text. */
import manifest from "../../package.json" with { type: "json" };
import { APP_ERRORS, AppError } from "../errors.ts";
import { describeFault } from "../faults.ts";
import { readCommandLine, type Request } from "./command-line.ts";
import type { Command } from "./command.ts";
import { COMMANDS } from "./commands.ts";
import { EXIT_CODES, exitOf, type ExitCodeName } from "./exit-codes.ts";
import { describeCommand, describeProgram } from "./help.ts";
import { checkNode } from "./node-version.ts";
import { BrokenPipe, formatError, print, say, type Streams } from "./streams.ts";

/**
 * Runs the command line. Never throws.
 * @param args without the program itself
 * @returns the exit code of the process
 */
export async function runCommandLine(args: readonly string[], streams: Streams): Promise<number> {
  return EXIT_CODES[await runSafely(args, streams)].code;
}

async function runSafely(args: readonly string[], streams: Streams): Promise<ExitCodeName> {
  try {
    checkNode(process.versions.node);
    return await dispatch(readCommandLine(args, COMMANDS), streams);
  } catch (error) {
    if (error instanceof BrokenPipe) return "done";
    if (error instanceof AppError) {
      say(streams, formatError(error));
      return exitOf(error.code);
    }
    say(streams, faultText(error));
    return "internal";
  }
}

async function dispatch(request: Request, streams: Streams): Promise<ExitCodeName> {
  switch (request.kind) {
    case "help":
      await print(streams, helpText(request.command));
      return "done";
    case "version":
      await print(streams, `${manifest.version}\n`);
      return "done";
    case "run": {
      const module = await request.command.load();
      return await module.run(request.invocation, streams);
    }
  }
}

function helpText(command: Command | undefined): string {
  return command === undefined ? describeProgram(COMMANDS, manifest.version) : describeCommand(command);
}

/**
 * Tells of errors that nobody waits for, such as in a timer of a plugin. Node would print their text and their fields.
 * `serve` logs them instead.
 * @returns whether there was one
 */
export function sayStrayErrors(streams: Streams): () => boolean {
  let seen = false;
  // Rejections that nobody handles come here as well.
  process.on("uncaughtException", (error: unknown) => {
    seen = true;
    process.exitCode = EXIT_CODES.internal.code;
    say(streams, faultText(error));
  });
  return () => seen;
}

/** A fault of ours. */
function faultText(fault: unknown): string {
  const { error, at } = describeFault(fault);
  const head = `pod-secrets: E_INTERNAL: it failed with ${error}. Fix: ${APP_ERRORS.E_INTERNAL.fix}`;
  return [head, ...at.map((frame) => `    ${frame}`)].join("\n");
}
