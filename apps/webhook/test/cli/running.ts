/** The command in this process, with streams that are read here. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable, Writable } from "node:stream";
import { onTestFinished } from "vitest";

import { runCommandLine } from "../../src/cli/run.ts";

export interface Finished {
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly stdin?: string | Uint8Array | readonly (string | Uint8Array)[];
}

/** Runs the command line as `main.ts` does. */
export async function run(args: readonly string[], { stdin = "" }: RunOptions = {}): Promise<Finished> {
  const stdout = collector();
  const stderr = collector();
  const chunks = typeof stdin === "string" || stdin instanceof Uint8Array ? [stdin] : stdin;
  const input = Readable.from(chunks, { objectMode: true });
  const exit = await runCommandLine(args, { stdin: input, stdout: stdout.stream, stderr: stderr.stream });
  return { exit, stdout: stdout.text(), stderr: stderr.text() };
}

/** A stream, and what was written to it. */
export function collector(): { readonly stream: Writable; text(): string } {
  const chunks: Buffer[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      chunks.push(chunk);
      done();
    },
  });
  return { stream, text: () => Buffer.concat(chunks).toString("utf8") };
}

/** Writes files into a folder that is gone after the test. @returns the folder */
export function folderOf(files: Readonly<Record<string, string | Uint8Array>>): string {
  const folder = mkdtempSync(join(tmpdir(), "pod-secrets-cli-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  return folder;
}

/** The lines of a text that ends with a newline. */
export function linesOf(text: string): readonly string[] {
  return text === "" ? [] : text.replace(/\n$/, "").split("\n");
}
