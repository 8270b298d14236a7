/** Notices a new certificate, and keeps the last good one when what is new cannot be served. */
import { watchFiles } from "../files/watch-files.ts";
import type { LoadedCertificate } from "./certificate.ts";
import type { CertificateRead } from "./certificate-check.ts";
import { misfitIn, readCertificate } from "./certificate-files.ts";

export interface CertificateWatch {
  readonly directory: string;
  /** What is served now: only a difference from it is reported. */
  readonly current: LoadedCertificate;
  /** By which the API server calls, where that is known: one for another name is not taken. */
  readonly host?: () => string | undefined;
  readonly onChange: (certificate: LoadedCertificate) => void;
  /** The files cannot be served. Called once per different message. */
  readonly onProblem: (message: string, fix: string) => void;
  readonly signal: AbortSignal;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** Milliseconds between two looks. */
  readonly interval?: number;
}

/**
 * Watches until the signal is aborted. Keeps no process alive.
 * @returns looks at once
 */
export function watchCertificate(options: CertificateWatch): () => void {
  const { directory, host, onChange, onProblem, signal, clock, interval } = options;
  let served = options.current;
  let problem: string | undefined;
  const look = async (): Promise<void> => {
    const read = fitting(directory, await readCertificate(directory, clock()), host?.());
    if (signal.aborted) return;
    if (!read.ok) {
      if (read.message !== problem) onProblem(read.message, read.fix);
      problem = read.message;
      return;
    }
    problem = undefined;
    const { certificate } = read;
    if (certificate.certificate === served.certificate && certificate.key === served.key) return;
    served = certificate;
    onChange(certificate);
  };
  return watchFiles({ directory, look, signal, ...(interval === undefined ? {} : { interval }) });
}

function fitting(directory: string, read: CertificateRead, host: string | undefined): CertificateRead {
  if (!read.ok || host === undefined) return read;
  return misfitIn(directory, read.certificate, host) ?? read;
}
