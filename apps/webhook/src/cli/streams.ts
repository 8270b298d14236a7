/** The three streams of a command: data goes to `stdout`, talk to `stderr`. Tests bring their own. */
import { styleText } from "node:util";

export interface Streams {
  readonly stdin: NodeJS.ReadableStream;
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream;
}

/** The reader of standard output has gone, as `head` does: there is nobody left to tell. */
export class BrokenPipe extends Error {
  override readonly name = "BrokenPipe";
}

/**
 * Writes data, and waits when the reader is slower.
 * @throws BrokenPipe when the reader has gone
 */
export function print(streams: Streams, text: string): Promise<void> {
  return new Promise((written, failed) => {
    const { stdout } = streams;
    // The stream emits an error as well, after the callback; without a listener that would end the process.
    stdout.once("error", ignore);
    stdout.write(text, (error) => {
      if (error !== null && error !== undefined) return failed(isBrokenPipe(error) ? new BrokenPipe() : error);
      stdout.off("error", ignore);
      written();
    });
  });
}

/** Tells the user something, one line at a time. */
export function say(streams: Streams, line: string): void {
  streams.stderr.write(`${line}\n`);
}

/** What an error of the app, and one of core, have in common. */
export interface ToldError {
  readonly code: string;
  readonly message: string;
  readonly fix: string;
}

/** An error in one line: `pod-secrets: CODE: what. Fix: ...` */
export function formatError({ code, message, fix }: ToldError): string {
  return `pod-secrets: ${code}: ${message}. Fix: ${fix}`;
}

/** A refusal starts with the name of the program, which a line may hold already. */
export function withoutProgram(message: string): string {
  return message.replace(/^pod-secrets: /, "");
}

export type Paint = (format: Parameters<typeof styleText>[0], text: string) => string;

/** Colours for a stream: none where it is no terminal, unless `FORCE_COLOR` asks for them; none with `NO_COLOR`. */
export function paintFor(stream: NodeJS.WritableStream): Paint {
  return (format, text) => styleText(format, text, { stream });
}

function isBrokenPipe(error: Error): boolean {
  return "code" in error && (error.code === "EPIPE" || error.code === "ERR_STREAM_DESTROYED");
}

function ignore(): void {}
