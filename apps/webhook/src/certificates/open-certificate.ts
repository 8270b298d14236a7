/** Where the server's certificate comes from: a directory, a Secret that replicas share, or made on the spot. */
import { writeFile } from "node:fs/promises";
import { quoted } from "@pod-secrets/core";

import { AppError } from "../errors.ts";
import { readClientCa } from "./certificate-files.ts";
import { fromDirectory, type DirectorySource } from "./directory-certificate.ts";
import type { ManagedCertificate } from "./managed/managed-certificate.ts";
import type { ServingCertificate } from "./serving-certificate.ts";

export type CertificateSource =
  | DirectorySource
  | { readonly kind: "self-signed"; readonly caFile: string | undefined }
  /** @param open see `openManagedCertificate` */
  | { readonly kind: "managed"; readonly open: () => Promise<ManagedCertificate> };

/**
 * The certificate to start with.
 * @param now milliseconds since 1970
 * @throws AppError `E_CERTIFICATE`; for a CA file that cannot be written `E_USAGE`; what a managed one throws
 */
export async function openCertificate(source: CertificateSource, now: number): Promise<ServingCertificate> {
  switch (source.kind) {
    case "self-signed":
      return selfSigned(source.caFile, now);
    case "directory":
      return fromDirectory(source, now);
    case "managed":
      return managed(await source.open());
  }
}

function managed(certificate: ManagedCertificate): ServingCertificate {
  return {
    first: certificate.first,
    watch({ onChange }) {
      certificate.follow(onChange);
      return () => certificate.look();
    },
    fits: async () => {},
    bundle: () => certificate.bundle(),
    rotation: () => certificate.state(),
    retire: () => certificate.retire(),
    close: () => certificate.leave(),
  };
}

async function selfSigned(caFile: string | undefined, now: number): Promise<ServingCertificate> {
  // A third of a megabyte that only this needs.
  const { makeSelfSigned } = await import("./self-signed.ts");
  const { certificate, ca } = await makeSelfSigned(now);
  if (caFile !== undefined) await writeCa(caFile, ca);
  return {
    first: certificate,
    watch: () => () => {},
    fits: async () => {},
    bundle: async () => ca,
    retire: () => {},
    close: async () => {},
  };
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
