/** The cluster's CA, and what it signs. */
// First on purpose: the X.509 library throws at import without it.
import "reflect-metadata";

import { randomBytes, type webcrypto } from "node:crypto";
import { isIP } from "node:net";
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
  type X509Certificate,
} from "@peculiar/x509";

/** A certificate and its private key, both PEM. */
export interface KeyPair {
  readonly certificate: string;
  readonly key: string;
}

export interface Authority {
  /** PEM. */
  readonly certificate: string;
  /** For a client: Kubernetes takes the common name as the user, and the organisations as the groups. */
  issueClient(user: string, groups: readonly string[]): Promise<KeyPair>;
  /** @param names DNS names and IP addresses */
  issueServer(commonName: string, names: readonly string[]): Promise<KeyPair>;
}

/** P-256: the cheapest to make, and every part of Kubernetes takes it. */
const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
const DAY = 86_400_000;

/** @param now milliseconds since 1970 */
export async function createAuthority(now = Date.now()): Promise<Authority> {
  const validity = { notBefore: new Date(now - DAY), notAfter: new Date(now + 365 * DAY) };
  const keys = await generateKeys();
  const ca = await X509CertificateGenerator.createSelfSigned({
    ...validity,
    serialNumber: randomSerial(),
    name: "CN=pod-secrets cluster CA",
    keys,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
    ],
  });
  const issue = issuer({ ca, signingKey: keys.privateKey, validity });
  return {
    certificate: pemOf(ca),
    issueClient: (user, groups) => issue({ user, groups, usage: ExtendedKeyUsage.clientAuth, names: [] }),
    issueServer: (user, names) => issue({ user, groups: [], usage: ExtendedKeyUsage.serverAuth, names }),
  };
}

interface Issuer {
  readonly ca: X509Certificate;
  readonly signingKey: webcrypto.CryptoKey;
  readonly validity: { readonly notBefore: Date; readonly notAfter: Date };
}

interface Subject {
  readonly user: string;
  readonly groups: readonly string[];
  readonly usage: ExtendedKeyUsage;
  readonly names: readonly string[];
}

function issuer({ ca, signingKey, validity }: Issuer): (subject: Subject) => Promise<KeyPair> {
  return async ({ user, groups, usage, names }) => {
    const keys = await generateKeys();
    const certificate = await X509CertificateGenerator.create({
      ...validity,
      serialNumber: randomSerial(),
      subject: [...groups.map((group) => ({ O: [group] })), { CN: [user] }],
      issuer: ca.subject,
      publicKey: keys.publicKey,
      signingKey,
      signingAlgorithm: ALGORITHM,
      extensions: [
        new BasicConstraintsExtension(false, undefined, true),
        new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
        new ExtendedKeyUsageExtension([usage]),
        ...(names.length === 0 ? [] : [new SubjectAlternativeNameExtension(names.map(generalName))]),
      ],
    });
    const key = PemConverter.encode(await crypto.subtle.exportKey("pkcs8", keys.privateKey), "PRIVATE KEY");
    return { certificate: pemOf(certificate), key: `${key}\n` };
  };
}

function generalName(value: string): { readonly type: "ip" | "dns"; readonly value: string } {
  return { type: isIP(value) === 0 ? "dns" : "ip", value };
}

function pemOf(certificate: X509Certificate): string {
  return `${certificate.toString("pem")}\n`;
}

function generateKeys(): Promise<webcrypto.CryptoKeyPair> {
  return crypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
}

/** 128 bits, positive. */
function randomSerial(): string {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return bytes.toString("hex");
}
