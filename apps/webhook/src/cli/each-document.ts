import { isSecretError, type SecretError } from "@pod-secrets/core";

import { AppError } from "../errors.ts";
import { readDocuments, type InputDocument } from "./documents-in.ts";
import { exitOf, worseExit, type ExitCodeName } from "./exit-codes.ts";
import { formatError, say, type Streams } from "./streams.ts";

/**
 * Goes through the input to its end: what is wrong with one document does not concern the others.
 * @returns the worst of what happened
 */
export async function eachDocument(
  files: readonly string[],
  streams: Streams,
  handle: (document: InputDocument) => Promise<ExitCodeName>,
): Promise<ExitCodeName> {
  let exit: ExitCodeName = "done";
  for await (const document of readDocuments(files, streams)) {
    const handled =
      document instanceof AppError ? tell(document, streams) : await tellErrors(() => handle(document), streams);
    exit = worseExit(exit, handled);
  }
  return exit;
}

/** Runs a part of a command; an error that the user can mend is told, and does not end the rest. */
export async function tellErrors(work: () => Promise<ExitCodeName>, streams: Streams): Promise<ExitCodeName> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof AppError || isSecretError(error)) return tell(error, streams);
    throw error;
  }
}

function tell(error: AppError | SecretError, streams: Streams): ExitCodeName {
  say(streams, formatError(error));
  return error instanceof AppError ? exitOf(error.code) : "misuse";
}
