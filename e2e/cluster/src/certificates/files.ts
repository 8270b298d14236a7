/** Certificates and keys as the files that the parts of Kubernetes read. */
import { generateKeyPairSync } from "node:crypto";
import { writeFileSync } from "node:fs";

import type { Run } from "../runs/run.ts";
import type { KeyPair } from "./authority.ts";

/** The paths of a certificate and its key. */
export interface KeyPairFiles {
  readonly certificate: string;
  readonly key: string;
}

export function writeKeyPair(run: Run, name: string, { certificate, key }: KeyPair): KeyPairFiles {
  return {
    certificate: writePrivately(run.path("certificates", `${name}.crt`), certificate),
    key: writePrivately(run.path("certificates", `${name}.key`), key),
  };
}

/**
 * The key that signs tokens of service accounts. RSA, as kubeadm has it: it is what readers of such tokens expect,
 * as Vault's `jwt` login does.
 */
export function writeServiceAccountKeys(run: Run): { readonly publicKey: string; readonly privateKey: string } {
  const { publicKey, privateKey } = generateKeyPairSync("rsa", {
    modulusLength: 2048,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  });
  return {
    publicKey: writePrivately(run.path("certificates", "service-account.pub"), publicKey),
    privateKey: writePrivately(run.path("certificates", "service-account.key"), privateKey),
  };
}

/** @returns the path */
export function writePrivately(file: string, text: string): string {
  writeFileSync(file, text, { mode: 0o600 });
  return file;
}
