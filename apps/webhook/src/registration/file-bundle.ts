/** The CA of a certificate in files: looked at now and then, and published when it has changed. */
import type { Logger } from "@pod-secrets/core";

export interface FileBundle {
  /** PEM of the CAs beside the certificate; nothing when there is none. Must not reject. */
  readonly read: () => Promise<string | undefined>;
  /** Resolves when the registration holds it, or a later one. Must not reject. */
  readonly publish: (bundle: string) => Promise<unknown>;
  readonly log: Logger;
  readonly signal: AbortSignal;
  /** Milliseconds between two looks. Default: 10 s, as with the certificate. */
  readonly interval?: number;
}

const INTERVAL = 10_000;

/**
 * Publishes, and looks until the signal is aborted. Keeps no process alive.
 * @param first what there is now
 * @returns looks at once; resolves when what it found is published, whichever look gave it to be published
 */
export function followFileBundle(
  first: string,
  { read, publish, log, signal, interval }: FileBundle,
): () => Promise<void> {
  let known = first;
  let published = publish(first);
  let reading: Promise<string | undefined> = Promise.resolve(first);
  const look = async (): Promise<void> => {
    // One after the other: what a slow one finds may be older than what is known.
    reading = reading.then(read);
    const found = await reading;
    if (signal.aborted) return;
    if (found !== undefined && found !== known) {
      known = found;
      log.info("the CA of the certificate has changed");
      published = publish(found);
    }
    await published;
  };
  const timer = setInterval(() => void look(), interval ?? INTERVAL).unref();
  signal.addEventListener("abort", () => clearInterval(timer), { once: true });
  return look;
}
