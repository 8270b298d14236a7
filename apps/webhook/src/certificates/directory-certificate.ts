/** A certificate in files: read before anything listens, and followed from then on. */
import { AppError } from "../errors.ts";
import type { Wrong } from "./certificate-check.ts";
import { misfitIn, readBundleFile, readCertificate } from "./certificate-files.ts";
import { watchCertificate } from "./certificate-watch.ts";
import type { ServingCertificate } from "./serving-certificate.ts";

export interface DirectorySource {
  readonly kind: "directory";
  readonly directory: string;
  /** By which the API server is to call, once that is known; nothing where this process registers nothing. */
  readonly host: () => string | undefined;
}

/**
 * @param now milliseconds since 1970
 * @throws AppError `E_CERTIFICATE`
 */
export async function fromDirectory({ directory, host }: DirectorySource, now: number): Promise<ServingCertificate> {
  const read = await readCertificate(directory, now);
  if (!read.ok) throw new AppError("E_CERTIFICATE", read.message, `${read.fix} To try it out, give --self-signed.`);
  const first = read.certificate;
  let current = first;
  let onCurrent = (): void => {};
  const misfit = (certificate = current): Wrong | undefined => {
    const name = host();
    return name === undefined ? undefined : misfitIn(directory, certificate, name);
  };
  return {
    first,
    watch: ({ onChange, ...events }) =>
      watchCertificate({
        directory,
        host,
        current: first,
        ...events,
        onChange: (certificate) => {
          current = certificate;
          onChange(certificate);
          onCurrent();
        },
      }),
    fits: async (tell) => {
      for (let found = misfit(); found !== undefined; found = misfit()) {
        tell(found);
        // oxlint-disable-next-line no-await-in-loop -- one certificate after the other
        await new Promise<void>((resolve) => (onCurrent = resolve));
      }
    },
    // With one for a wrong name its CA is not taken either: what is served is still signed by the one before.
    bundle: async () => {
      const there = await readCertificate(directory, Date.now());
      return there.ok && misfit(there.certificate) !== undefined ? undefined : readBundleFile(directory);
    },
    retire: () => {},
    close: async () => {},
  };
}
