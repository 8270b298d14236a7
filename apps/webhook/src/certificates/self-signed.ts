/** A certificate made on the spot, for trying the webhook out. Loaded only when it is asked for. */
// First on purpose: the X.509 library throws at import without it.
import "reflect-metadata";

import { randomBytes, type webcrypto } from "node:crypto";
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
  type Extension,
  type JsonGeneralName,
} from "@peculiar/x509";

import type { LoadedCertificate } from "../server/tls-policy.ts";

/** A certificate and the CA that signed it; the CA's key is gone. */
export interface SelfSigned {
  readonly certificate: LoadedCertificate;
  /** PEM; clients take it as their CA, the API server as `caBundle`. */
  readonly ca: string;
}

/** P-256: the cheapest handshake in Node, and every API server takes it. */
const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
const HOUR = 3_600_000;
const LIFE = 90 * 24 * HOUR;
/** Clocks differ. */
const BACKDATED = 24 * HOUR;

/** The names by which this machine is called, and those of the Service that Flyte's chart makes. */
const LOCAL_NAMES: readonly JsonGeneralName[] = [
  { type: "dns", value: "localhost" },
  { type: "ip", value: "127.0.0.1" },
  { type: "ip", value: "::1" },
  { type: "dns", value: "flyte-pod-webhook" },
  { type: "dns", value: "flyte-pod-webhook.flyte" },
  { type: "dns", value: "flyte-pod-webhook.flyte.svc" },
];

/** What the certificate is for. */
export interface Holder {
  readonly usage: "server" | "client";
  readonly commonName: string;
  readonly names: readonly JsonGeneralName[];
}

const WEBHOOK: Holder = { usage: "server", commonName: "pod-secrets webhook", names: LOCAL_NAMES };

/**
 * Makes a CA and a certificate that it signs.
 * @param now milliseconds since 1970
 */
export async function makeSelfSigned(now: number, holder: Holder = WEBHOOK): Promise<SelfSigned> {
  const validity = { notBefore: new Date(now - BACKDATED), notAfter: new Date(now + LIFE) };
  const caKeys = await generateKeys();
  const ca = await X509CertificateGenerator.createSelfSigned({
    ...validity,
    serialNumber: randomSerial(),
    name: "CN=pod-secrets self-signed CA",
    keys: caKeys,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
    ],
  });
  const keys = await generateKeys();
  const leaf = await X509CertificateGenerator.create({
    ...validity,
    serialNumber: randomSerial(),
    subject: [{ CN: [holder.commonName] }],
    issuer: ca.subject,
    publicKey: keys.publicKey,
    signingKey: caKeys.privateKey,
    signingAlgorithm: ALGORITHM,
    extensions: extensionsFor(holder),
  });
  const key = PemConverter.encode(await crypto.subtle.exportKey("pkcs8", keys.privateKey), "PRIVATE KEY");
  return {
    certificate: { certificate: `${leaf.toString("pem")}\n`, key: `${key}\n`, expires: validity.notAfter.getTime() },
    ca: `${ca.toString("pem")}\n`,
  };
}

function extensionsFor({ usage, names }: Holder): Extension[] {
  const purpose = usage === "server" ? ExtendedKeyUsage.serverAuth : ExtendedKeyUsage.clientAuth;
  return [
    new BasicConstraintsExtension(false, undefined, true),
    new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
    new ExtendedKeyUsageExtension([purpose]),
    ...(names.length === 0 ? [] : [new SubjectAlternativeNameExtension([...names])]),
  ];
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
