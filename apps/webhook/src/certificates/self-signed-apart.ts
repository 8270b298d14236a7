/**
 * Makes a certificate in a process of its own. What the library for it takes, 4 MB of memory and a tenth of a second in
 * which admissions would wait, goes with that process; a thread gives most of the memory not back.
 */
import { execFile } from "node:child_process";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import type { Holder, SelfSigned } from "./self-signed.ts";

/** Beside this file, in the sources as in the bundle. */
const PROGRAM = fileURLToPath(new URL(`./self-signed-process${extname(import.meta.url)}`, import.meta.url));
/** Milliseconds; it takes one second on a busy machine. */
const TIME_LIMIT = 30_000;

/**
 * As `makeSelfSigned`. Where no process can be had, or it fails, the certificate is made in this one.
 * @param now milliseconds since 1970
 */
export async function makeSelfSignedApart(now: number, holder: Holder, program = PROGRAM): Promise<SelfSigned> {
  try {
    return JSON.parse(await outputOf(program, JSON.stringify({ now, holder }))) as SelfSigned;
  } catch {
    const { makeSelfSigned } = await import("./self-signed.ts");
    return await makeSelfSigned(now, holder);
  }
}

async function outputOf(program: string, input: string): Promise<string> {
  // Without this process' environment: neither its secrets nor its `NODE_OPTIONS` are meant for it.
  const options = { env: {}, timeout: TIME_LIMIT, killSignal: "SIGKILL" } as const;
  const running = promisify(execFile)(process.execPath, [program], options);
  // It may have ended before it has read all.
  running.child.stdin?.on("error", () => {}).end(input);
  return (await running).stdout;
}
