/**
 * The server's certificate as files in a directory: `tls.crt` and `tls.key`, as in a Secret of type
 * kubernetes.io/tls.
 */
import { X509Certificate } from "node:crypto";
import { realpath } from "node:fs/promises";
import { join } from "node:path";
import { quoted } from "@pod-secrets/core";

import { readRegularFile } from "../files/regular-file.ts";
import type { LoadedCertificate } from "./certificate.ts";
import { readBundle, writeBundle } from "./ca-bundle.ts";
import { misfit } from "./called-name.ts";
import { attempt, checkPair, FIX_PEM, wrong, type CertificateRead, type Wrong } from "./certificate-check.ts";
import { mistrust } from "./trust.ts";

const CERTIFICATE_FILE = "tls.crt";
const KEY_FILE = "tls.key";
const CA_FILE = "ca.crt";
/** Longest file that is looked at, in bytes: a chain of RSA certificates has 10 kB. */
const MAX_FILE_BYTES = 1_048_576;

/**
 * Reads and checks the pair: both can be read, they belong together, and the certificate is valid now.
 * @param now milliseconds since 1970
 */
export async function readCertificate(directory: string, now: number): Promise<CertificateRead> {
  const generation = await currentGeneration(directory);
  const certificateFile = join(directory, CERTIFICATE_FILE);
  const keyFile = join(directory, KEY_FILE);
  const [certificate, key] = await Promise.all([
    readText(join(generation, CERTIFICATE_FILE), certificateFile),
    readText(join(generation, KEY_FILE), keyFile),
  ]);
  if (!certificate.ok) return certificate;
  if (!key.ok) return key;
  const names = { certificate: shown(certificateFile), key: shown(keyFile) };
  return checkPair({ certificate: certificate.text, key: key.text }, names, now);
}

/**
 * Whether a certificate that was read there is for the name by which the API server calls.
 * @returns nothing when it is
 */
export function misfitIn(directory: string, certificate: LoadedCertificate, host: string): Wrong | undefined {
  return misfit(certificate, host, shown(join(directory, CERTIFICATE_FILE)));
}

/**
 * Whether the API server can trust a certificate that was read there by the CAs that were.
 * @param now milliseconds since 1970
 * @returns nothing when it can
 */
export function mistrustIn(
  directory: string,
  certificate: LoadedCertificate,
  bundle: string,
  now: number,
): Wrong | undefined {
  const names = { certificate: shown(join(directory, CERTIFICATE_FILE)), ca: shown(join(directory, CA_FILE)) };
  return mistrust(certificate, bundle, names, now);
}

/** The CAs beside the pair, in PEM; nothing when there is no such file, or none of a CA in it. */
export async function readBundleFile(directory: string): Promise<string | undefined> {
  const generation = await currentGeneration(directory);
  const read = await readText(join(generation, CA_FILE), join(directory, CA_FILE));
  const cas = read.ok ? readBundle(read.text) : [];
  return cas.length === 0 ? undefined : writeBundle(cas);
}

/**
 * The kubelet replaces all files of a Secret at once by pointing the link `..data` elsewhere. Reading both
 * files behind the link as it is now never mixes an old certificate with a new key.
 */
async function currentGeneration(directory: string): Promise<string> {
  try {
    return await realpath(join(directory, "..data"));
  } catch {
    return directory;
  }
}

type Text =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly message: string; readonly fix: string };

async function readText(file: string, name: string): Promise<Text> {
  try {
    const read = await readRegularFile(file, MAX_FILE_BYTES);
    switch (read.outcome) {
      case "read":
        return { ok: true, text: read.bytes.toString() };
      case "directory":
        return wrong(`${shown(name)} is a directory`, FIX_MOUNT);
      case "not-regular":
        return wrong(`${shown(name)} is no regular file`, FIX_MOUNT);
      case "too-large":
        return wrong(`${shown(name)} is larger than 1 MiB`, FIX_PEM);
    }
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "unknown error";
    return wrong(`${shown(name)} cannot be read (${code})`, FIX_MOUNT);
  }
}

const FIX_MOUNT = "Mount the Secret with tls.crt and tls.key there, or name its directory with --certificates.";

function shown(file: string): string {
  return quoted(file, 200);
}

export type ClientCaRead =
  | { readonly ok: true; readonly pem: string }
  | { readonly ok: false; readonly message: string; readonly fix: string };

/** Reads the CAs whose certificates clients must present. */
export async function readClientCa(file: string): Promise<ClientCaRead> {
  const read = await readText(file, file);
  if (!read.ok) return wrong(read.message, FIX_CLIENT_CA);
  const ca = attempt(() => new X509Certificate(read.text));
  if (ca === undefined) return wrong(`${shown(file)} holds no certificate`, FIX_CLIENT_CA);
  if (!ca.ca) return wrong(`${shown(file)} starts with a certificate that is no CA`, FIX_CLIENT_CA);
  return { ok: true, pem: read.text };
}

const FIX_CLIENT_CA = "Name a file with the CA of the API server's client certificate, in PEM, as server.clientCa.";
