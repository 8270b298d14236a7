import { isSecretError } from "@pod-secrets/core";

import { AppError } from "../../errors.ts";
import { readDocuments, type InputDocument } from "./documents-in.ts";
import { exitOf, worseExit, type ExitCodeName } from "../exit-codes.ts";
import { formatError, say, type Streams } from "../streams.ts";

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
      document instanceof AppError
        ? tell(document, streams)
        : await tellErrors(() => handle(document), document.place, streams);
    exit = worseExit(exit, handled);
  }
  return exit;
}

/**
 * Runs a part of a command. An error that the user can mend is told, and does not end the rest.
 * @param place stands before what core says, which does not know where its input is from
 */
export async function tellErrors(
  work: () => Promise<ExitCodeName>,
  place: string,
  streams: Streams,
): Promise<ExitCodeName> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof AppError) return tell(error, streams);
    if (!isSecretError(error)) throw error;
    say(streams, formatError({ code: error.code, message: `${place}: ${error.message}`, fix: error.fix }));
    return "misuse";
  }
}

function tell(error: AppError, streams: Streams): ExitCodeName {
  say(streams, formatError(error));
  return exitOf(error.code);
}
