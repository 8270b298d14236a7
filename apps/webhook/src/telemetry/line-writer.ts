/**
 * Writes lines to a file descriptor beside the work of the process. Whoever reads them may be slow or gone: that
 * holds nobody up, lines wait, and are thrown away when too many do.
 */
import { write, writeSync } from "node:fs";

export interface LineWriter {
  readonly write: (line: string) => void;
  /** Lines that were thrown away. */
  readonly dropped: () => number;
  /** Writes all that waits, for at most {@link FLUSH_TIME}. */
  readonly flush: () => void;
}

/** Lines are written together: when so many characters wait, or after so many milliseconds. */
const BATCH_CHARACTERS = 16_384;
const BATCH_TIME = 100;
/** Characters that may wait; more are thrown away. */
const MAX_WAITING = 4_194_304;
/** Milliseconds until the next try when the reader takes nothing, and how long a flush tries. */
const PAUSE = 50;
const FLUSH_TIME = 1000;

export function createLineWriter(descriptor: number): LineWriter {
  let waiting: string[] = [];
  let characters = 0;
  let dropped = 0;
  let isWriting = false;
  let timer: NodeJS.Timeout | undefined;

  function takeAll(): Buffer {
    const bytes = Buffer.from(waiting.join(""));
    waiting = [];
    characters = 0;
    return bytes;
  }
  function startWriting(): void {
    clearTimeout(timer);
    timer = undefined;
    if (isWriting || waiting.length === 0) return;
    isWriting = true;
    const lines = waiting.length;
    writeAll(descriptor, takeAll(), (isGone) => {
      isWriting = false;
      if (isGone) dropped += lines;
      if (characters >= BATCH_CHARACTERS) startWriting();
      else if (waiting.length > 0) startLater();
    });
  }
  function startLater(): void {
    timer ??= setTimeout(startWriting, BATCH_TIME).unref();
  }
  return {
    write: (line) => {
      if (characters + line.length > MAX_WAITING) {
        dropped++;
        return;
      }
      waiting.push(line);
      characters += line.length;
      if (characters >= BATCH_CHARACTERS && !isWriting) startWriting();
      else startLater();
    },
    dropped: () => dropped,
    flush: () => {
      clearTimeout(timer);
      timer = undefined;
      if (waiting.length > 0) writeNow(descriptor, takeAll());
    },
  };
}

/** @param done told whether nobody reads any more */
function writeAll(descriptor: number, bytes: Buffer, done: (isGone: boolean) => void): void {
  write(descriptor, bytes, (error, written) => {
    if (isBusy(error)) setTimeout(() => writeAll(descriptor, bytes, done), PAUSE);
    else if (error !== null) done(true);
    else if (written < bytes.length) writeAll(descriptor, bytes.subarray(written), done);
    else done(false);
  });
}

function writeNow(descriptor: number, bytes: Buffer): void {
  const end = performance.now() + FLUSH_TIME;
  let left = bytes;
  while (left.length > 0 && performance.now() < end) {
    try {
      left = left.subarray(writeSync(descriptor, left));
    } catch (error) {
      if (!isBusy(error)) return;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE);
    }
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "EAGAIN";
}
