/** A certificate in files: read before anything listens, and followed from then on. */
import { setTimeout as sleep } from "node:timers/promises";

import { AppError } from "../errors.ts";
import type { LoadedCertificate } from "./certificate.ts";
import type { Wrong } from "./certificate-check.ts";
import { misfitIn, mistrustIn, readBundleFile, readCertificate } from "./certificate-files.ts";
import { watchCertificate } from "./certificate-watch.ts";
import type { ServingCertificate } from "./serving-certificate.ts";

/** How the API server calls, where this process registers itself. */
export interface CalledAs {
  /** By which name, once that is known. */
  readonly host: () => string | undefined;
  /** Whether what it is to trust is `ca.crt` beside the certificate. */
  readonly byCaFile: boolean;
}

export interface DirectorySource {
  readonly kind: "directory";
  readonly directory: string;
  readonly called: CalledAs;
}

/** Between two looks at files that do not fit, in milliseconds. */
const LOOK = 2000;

/**
 * @param now milliseconds since 1970
 * @throws AppError `E_CERTIFICATE`
 */
export async function fromDirectory({ directory, called }: DirectorySource, now: number): Promise<ServingCertificate> {
  const read = await readCertificate(directory, now);
  if (!read.ok) throw new AppError("E_CERTIFICATE", read.message, `${read.fix} To try it out, give --self-signed.`);
  const first = read.certificate;
  let current = first;
  let onCurrent = (): void => {};
  return {
    first,
    watch: ({ onChange, ...events }) =>
      watchCertificate({
        directory,
        host: called.host,
        current: first,
        ...events,
        onChange: (certificate) => {
          current = certificate;
          onChange(certificate);
          onCurrent();
        },
      }),
    fits: (tell) => {
      const changed = (): Promise<void> => new Promise((resolve) => (onCurrent = resolve));
      return untilRight(() => faultIn(directory, current, called), changed, tell);
    },
    // What is served is still signed by the CA before, as long as what is there cannot be served.
    bundle: async () => {
      const there = await readCertificate(directory, Date.now());
      const isRight = !there.ok || (await faultIn(directory, there.certificate, called)) === undefined;
      return isRight ? readBundleFile(directory) : undefined;
    },
    retire: () => {},
    close: async () => {},
  };
}

async function untilRight(
  look: () => Promise<Wrong | undefined>,
  changed: () => Promise<void>,
  tell: (wrong: Wrong) => void,
): Promise<void> {
  for (let told = ""; ;) {
    // oxlint-disable-next-line no-await-in-loop -- one look after the other
    const found = await look();
    if (found === undefined) return;
    if (found.message !== told) tell(found);
    told = found.message;
    // The CA may come by itself.
    // oxlint-disable-next-line no-await-in-loop
    await Promise.race([changed(), sleep(LOOK, undefined, { ref: false })]);
  }
}

/** Why the API server would not take it. A CA that is not there is none that is wrong. */
async function faultIn(
  directory: string,
  certificate: LoadedCertificate,
  { host, byCaFile }: CalledAs,
): Promise<Wrong | undefined> {
  const name = host();
  if (name === undefined) return undefined;
  const misfit = misfitIn(directory, certificate, name);
  if (misfit !== undefined || !byCaFile) return misfit;
  const bundle = await readBundleFile(directory);
  return bundle === undefined ? undefined : mistrustIn(directory, certificate, bundle, Date.now());
}
