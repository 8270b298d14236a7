/** Reads small files that someone else names: never waits for a writer, and never reads without end. */
import { constants } from "node:fs";
import { open } from "node:fs/promises";

export type FileRead =
  | { readonly outcome: "read"; readonly bytes: Buffer }
  | { readonly outcome: "directory" }
  /** A pipe, a device or a socket. */
  | { readonly outcome: "not-regular" }
  | { readonly outcome: "too-large" };

/**
 * Reads a whole file.
 * @param limit bytes
 * @throws NodeJS.ErrnoException from opening or reading
 */
export async function readRegularFile(path: string, limit: number): Promise<FileRead> {
  // To open a pipe that nobody writes to would block a thread for ever.
  const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const facts = await handle.stat();
    if (facts.isDirectory()) return { outcome: "directory" };
    if (!facts.isFile()) return { outcome: "not-regular" };
    const chunks: Buffer[] = [];
    let length = 0;
    // The size in `facts` is no bound: it is 0 in /proc, and a file may grow. `end` is the last byte read.
    for await (const chunk of handle.createReadStream({ end: limit, autoClose: false })) {
      chunks.push(chunk as Buffer);
      length += (chunk as Buffer).length;
    }
    return length > limit ? { outcome: "too-large" } : { outcome: "read", bytes: Buffer.concat(chunks, length) };
  } finally {
    await handle.close();
  }
}
