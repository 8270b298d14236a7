/** One new certificate after the other: none before its CA is published, and none in the place of a later one. */
import { oneAtATime } from "../timing/one-at-a-time.ts";
import type { LoadedCertificate } from "./certificate.ts";

export interface Presenting {
  /** Resolves when the CA of the certificate as it is now is published, or was waited for long enough. */
  readonly published: () => Promise<void>;
  /** New connections get it from then on. */
  readonly present: (certificate: LoadedCertificate) => void;
  /** Something was thrown on the way: the certificate before stays. */
  readonly onFault: (fault: unknown) => void;
  /** Nothing is presented once it is aborted. */
  readonly signal: AbortSignal;
}

/** @returns takes each new certificate; one that is followed by another while it waits is left out */
export function presentInTurn({
  published,
  present,
  onFault,
  signal,
}: Presenting): (certificate: LoadedCertificate) => void {
  let latest: LoadedCertificate | undefined;
  const presentLatest = oneAtATime(async () => {
    const certificate = latest;
    try {
      await published();
      if (certificate === undefined || certificate !== latest || signal.aborted) return;
      present(certificate);
    } catch (fault) {
      onFault(fault);
    }
  }, signal);
  return (certificate) => {
    latest = certificate;
    presentLatest();
  };
}
