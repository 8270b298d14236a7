/** Where the server's certificate comes from: a directory that is watched, or one made on the spot. */
import { writeFile } from "node:fs/promises";
import { quoted } from "@pod-secrets/core";

import { AppError } from "../errors.ts";
import type { LoadedCertificate } from "../server/tls-policy.ts";
import { readCertificate, readClientCa } from "./certificate-files.ts";
import { watchCertificate, type CertificateWatch } from "./certificate-watch.ts";

export type CertificateSource =
  | { readonly kind: "directory"; readonly directory: string }
  | { readonly kind: "self-signed"; readonly caFile: string | undefined };

/** What is told of later certificates. */
export type CertificateEvents = Pick<CertificateWatch, "onChange" | "onProblem" | "signal" | "clock">;

export interface ServingCertificate {
  readonly first: LoadedCertificate;
  /**
   * Reports each new certificate.
   * @returns looks at once
   */
  watch(events: CertificateEvents): () => void;
}

/**
 * The certificate to start with.
 * @throws AppError `E_CERTIFICATE` or, for a CA file that cannot be written, `E_USAGE`
 */
export async function openCertificate(source: CertificateSource, now: number): Promise<ServingCertificate> {
  if (source.kind === "self-signed") return { first: await selfSigned(source.caFile, now), watch: () => () => {} };
  const { directory } = source;
  const read = await readCertificate(directory, now);
  if (!read.ok) throw new AppError("E_CERTIFICATE", read.message, `${read.fix} To try it out, give --self-signed.`);
  const first = read.certificate;
  return { first, watch: (events) => watchCertificate({ directory, current: first, ...events }) };
}

async function selfSigned(caFile: string | undefined, now: number): Promise<LoadedCertificate> {
  // A third of a megabyte that only this needs.
  const { makeSelfSigned } = await import("./self-signed.ts");
  const { certificate, ca } = await makeSelfSigned(now);
  if (caFile !== undefined) await writeCa(caFile, ca);
  return certificate;
}

async function writeCa(file: string, ca: string): Promise<void> {
  try {
    await writeFile(file, ca);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "unknown error";
    throw new AppError("E_USAGE", `--ca-file ${quoted(file, 200)} cannot be written (${code})`, "Name another file.");
  }
}

/**
 * The CAs of the clients, where the configuration names them.
 * @throws AppError `E_CLIENT_CA`
 */
export async function openClientCa(file: string | undefined): Promise<string | undefined> {
  if (file === undefined) return undefined;
  const read = await readClientCa(file);
  if (!read.ok) throw new AppError("E_CLIENT_CA", read.message, read.fix);
  return read.pem;
}
