/** The CA of a certificate in files: looked at now and then, and published when it has changed. */
import type { Log } from "../telemetry/log.ts";

export interface FileBundle {
  /** PEM of the CAs beside the certificate; nothing when there is none. */
  readonly read: () => Promise<string | undefined>;
  readonly publish: (bundle: string) => Promise<void>;
  readonly log: Log;
  readonly signal: AbortSignal;
  /** Milliseconds between two looks. Default: 10 s, as with the certificate. */
  readonly interval?: number;
}

const INTERVAL = 10_000;

/**
 * Looks until the signal is aborted.
 * @param first what is published already
 * @returns looks at once; resolves when what it found is published
 */
export function followFileBundle(
  first: string,
  { read, publish, log, signal, interval }: FileBundle,
): () => Promise<void> {
  let known = first;
  const look = async (): Promise<void> => {
    const found = await read();
    if (found === undefined || found === known || signal.aborted) return;
    known = found;
    log.info("the CA of the certificate has changed");
    await publish(found);
  };
  const timer = setInterval(() => void look(), interval ?? INTERVAL);
  signal.addEventListener("abort", () => clearInterval(timer), { once: true });
  return look;
}
