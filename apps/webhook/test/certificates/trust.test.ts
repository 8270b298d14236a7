/** Whether the API server can trust a certificate by the CAs beside it. */
import "reflect-metadata";
import type { webcrypto } from "node:crypto";
import { BasicConstraintsExtension, X509CertificateGenerator } from "@peculiar/x509";
import { expect, test } from "vitest";

import { makeSelfSigned } from "../../src/certificates/self-signed.ts";
import { mistrust } from "../../src/certificates/trust.ts";

const NAMES = { certificate: "tls.crt", ca: "ca.crt" };
const DAY = 86_400_000;
const now = Date.now();
const [made, other] = await Promise.all([makeSelfSigned(now), makeSelfSigned(now)]);

test("one that a CA of the bundle signed is trusted, wherever in the bundle it stands", () => {
  expect(mistrust(made.certificate, made.ca, NAMES, now)).toBeUndefined();
  expect(mistrust(made.certificate, other.ca + made.ca, NAMES, now)).toBeUndefined();
});

test("one that none of them signed is not, though the CA has the same name", () => {
  expect(mistrust(made.certificate, other.ca, NAMES, now)).toMatchObject({
    message: "no CA in ca.crt signed tls.crt",
    fix: expect.stringContaining("Take ca.crt and tls.crt from the same issue"),
  });
});

test("one whose CA has expired, or is not valid yet, is not", () => {
  const expired = now + 400 * DAY * 10;
  expect(mistrust(made.certificate, made.ca, NAMES, expired)?.message).toMatch(
    /^the CA in ca\.crt that signed tls\.crt expired at \d{4}-/,
  );
  expect(mistrust(made.certificate, made.ca, NAMES, now - 30 * DAY)?.message).toMatch(
    /^the CA in ca\.crt that signed tls\.crt is not valid before \d{4}-/,
  );
});

test("an intermediate one that is sent with it leads to its CA", async () => {
  const [rootKeys, middleKeys, leafKeys] = [await keyPair(), await keyPair(), await keyPair()];
  const root = await issue("root", rootKeys, { name: "root", keys: rootKeys });
  const middle = await issue("middle", middleKeys, { name: "root", keys: rootKeys });
  const leaf = await issue("leaf", leafKeys, { name: "middle", keys: middleKeys });
  const sent = { ...made.certificate, certificate: leaf + middle };
  expect(mistrust(sent, root, NAMES, now)).toBeUndefined();
  expect(mistrust({ ...sent, certificate: leaf }, root, NAMES, now)).toMatchObject({
    message: "no CA in ca.crt signed tls.crt",
  });
});

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };

function keyPair(): Promise<webcrypto.CryptoKeyPair> {
  return crypto.subtle.generateKey(ALGORITHM, false, ["sign", "verify"]);
}

interface Issuer {
  readonly name: string;
  readonly keys: webcrypto.CryptoKeyPair;
}

async function issue(name: string, keys: webcrypto.CryptoKeyPair, issuer: Issuer): Promise<string> {
  const certificate = await X509CertificateGenerator.create({
    subject: `CN=${name}`,
    issuer: `CN=${issuer.name}`,
    publicKey: keys.publicKey,
    signingKey: issuer.keys.privateKey,
    signingAlgorithm: ALGORITHM,
    notBefore: new Date(now - DAY),
    notAfter: new Date(now + DAY),
    extensions: [new BasicConstraintsExtension(name !== "leaf", undefined, true)],
  });
  return `${certificate.toString("pem")}\n`;
}
