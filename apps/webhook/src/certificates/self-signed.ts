/** The one place where the webhook makes certificates. Loaded only when one is: a third of a megabyte that nothing else needs. */
// First on purpose: the X.509 library throws at import without it.
import "reflect-metadata";

import { randomBytes, type webcrypto } from "node:crypto";
import { isIP } from "node:net";
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509CertificateGenerator,
  type Extension,
  type JsonGeneralName,
  type X509Certificate,
} from "@peculiar/x509";

import type { LoadedCertificate } from "./certificate.ts";
import { BACKDATED, LIFETIME } from "./lifetimes.ts";

/** A certificate and the CA that signed it; the CA's key is gone. */
export interface SelfSigned {
  readonly certificate: LoadedCertificate;
  /** PEM; clients take it as their CA, the API server as `caBundle`. */
  readonly ca: string;
}

/** P-256: the cheapest handshake in Node, and every API server takes it. */
const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;

/** The names by which this machine is called, and those of the Service that Flyte's chart makes. */
const LOCAL_NAMES: readonly string[] = [
  "localhost",
  "127.0.0.1",
  "::1",
  "flyte-pod-webhook",
  "flyte-pod-webhook.flyte",
  "flyte-pod-webhook.flyte.svc",
];

/** What the certificate is for. */
export interface Holder {
  readonly usage: "server" | "client";
  readonly commonName: string;
  /** DNS names and IP addresses. */
  readonly names: readonly string[];
  /** How long both certificates are valid from now on, in milliseconds. Default: 90 days. */
  readonly lifetime?: number;
}

const WEBHOOK: Holder = { usage: "server", commonName: "pod-secrets webhook", names: LOCAL_NAMES };

/**
 * Makes a CA and a certificate that it signs.
 * @param now milliseconds since 1970
 */
export async function makeSelfSigned(now: number, holder: Holder = WEBHOOK): Promise<SelfSigned> {
  const { lifetime = LIFETIME } = holder;
  const validity = { notBefore: new Date(now - BACKDATED), notAfter: new Date(now + lifetime) };
  const caKeys = await generateKeys();
  const ca = await makeCa(caKeys, validity);
  const keys = await generateKeys();
  const leaf = await X509CertificateGenerator.create({
    ...validity,
    serialNumber: randomSerial(),
    subject: [{ CN: [holder.commonName] }],
    issuer: ca.subject,
    publicKey: keys.publicKey,
    signingKey: caKeys.privateKey,
    signingAlgorithm: ALGORITHM,
    extensions: [
      ...extensionsFor(holder),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
      await AuthorityKeyIdentifierExtension.create(caKeys.publicKey),
    ],
  });
  const key = PemConverter.encode(await crypto.subtle.exportKey("pkcs8", keys.privateKey), "PRIVATE KEY");
  return {
    certificate: { certificate: `${leaf.toString("pem")}\n`, key: `${key}\n`, expires: validity.notAfter.getTime() },
    ca: `${ca.toString("pem")}\n`,
  };
}

interface Validity {
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/** Each CA has a name and a key identifier of its own: clients look for the issuer by them when they trust several. */
async function makeCa(keys: webcrypto.CryptoKeyPair, validity: Validity): Promise<X509Certificate> {
  const serialNumber = randomSerial();
  return await X509CertificateGenerator.createSelfSigned({
    ...validity,
    serialNumber,
    name: `CN=pod-secrets CA ${serialNumber.slice(0, 8)}`,
    keys,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
}

function extensionsFor({ usage, names }: Holder): Extension[] {
  const purpose = usage === "server" ? ExtendedKeyUsage.serverAuth : ExtendedKeyUsage.clientAuth;
  return [
    new BasicConstraintsExtension(false, undefined, true),
    new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
    new ExtendedKeyUsageExtension([purpose]),
    ...(names.length === 0 ? [] : [new SubjectAlternativeNameExtension(names.map(generalName))]),
  ];
}

function generalName(value: string): JsonGeneralName {
  return { type: isIP(value) === 0 ? "dns" : "ip", value };
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
