import { execFileSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync, mkdirSync, renameSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { readCertificate, readClientCa } from "../../src/certificates/certificate-files.ts";
import { makeSelfSigned, type SelfSigned } from "../../src/certificates/self-signed.ts";

const NOW = Date.now();
const DAY = 86_400_000;
const made = await makeSelfSigned(NOW);
const other = await makeSelfSigned(NOW);

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "certificates-"));
});
afterEach(() => rmSync(directory, { recursive: true }));

function write(files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text);
}

const filesOf = ({ certificate, key }: SelfSigned["certificate"]): Readonly<Record<string, string>> => ({
  "tls.crt": certificate,
  "tls.key": key,
});

describe("a certificate is read from its directory", () => {
  test("with the time when it expires", async () => {
    write(filesOf(made.certificate));
    const read = await readCertificate(directory, NOW);
    expect(read).toEqual({ ok: true, certificate: { ...made.certificate, expires: expect.any(Number) } });
    expect(read.ok && read.certificate.expires).toBeCloseTo(made.certificate.expires, -4);
  });
  test("behind the link that the kubelet swaps", async () => {
    mkdirSync(join(directory, "..2026_01"));
    for (const [name, text] of Object.entries(filesOf(made.certificate))) {
      writeFileSync(join(directory, "..2026_01", name), text);
      symlinkSync(join("..data", name), join(directory, name));
    }
    symlinkSync("..2026_01", join(directory, "..data"));
    expect(await readCertificate(directory, NOW)).toMatchObject({ ok: true });
    renameSync(join(directory, "..data"), join(directory, "gone"));
    expect(await readCertificate(directory, NOW)).toMatchObject({
      ok: false,
      message: expect.stringMatching(/tls\.crt.* cannot be read \(ENOENT\)/),
    });
  });
  test("an RSA certificate of OpenSSL, as Flyte makes them, will do", async () => {
    const args = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=flyte-pod-webhook"];
    execFileSync("openssl", [...args, "-keyout", join(directory, "tls.key"), "-out", join(directory, "tls.crt")], {
      stdio: "ignore",
    });
    expect(await readCertificate(directory, Date.now() + 1000)).toMatchObject({ ok: true });
  });
});

describe("what cannot be served is refused with the file, the cause and a fix", () => {
  const { certificate, key } = made.certificate;
  test.each<[string, Readonly<Record<string, string>>, RegExp]>([
    ["nothing there", {}, /tls\.crt" cannot be read \(ENOENT\)/],
    ["no key", { "tls.crt": certificate }, /tls\.key" cannot be read \(ENOENT\)/],
    ["an empty certificate", { "tls.crt": "", "tls.key": key }, /tls\.crt" holds no certificate/],
    ["half a certificate", { "tls.crt": certificate.slice(0, 300), "tls.key": key }, /tls\.crt" holds no certificate/],
    ["half a key", { "tls.crt": certificate, "tls.key": key.slice(0, 100) }, /tls\.key" holds no private key/],
    ["swapped files", { "tls.crt": key, "tls.key": certificate }, /tls\.crt" holds no certificate/],
    [
      "the key of another",
      { "tls.crt": certificate, "tls.key": other.certificate.key },
      /tls\.key" is not the key of ".*tls\.crt"/,
    ],
    [
      "a huge file",
      { "tls.crt": certificate.padEnd(1_048_577, "\n"), "tls.key": key },
      /tls\.crt" is larger than 1 MiB/,
    ],
  ])("%s", async (_, files, message) => {
    write(files);
    const read = await readCertificate(directory, NOW);
    expect(read).toMatchObject({
      ok: false,
      message: expect.stringMatching(message),
      fix: expect.stringMatching(/^[A-Z].*\.$/),
    });
    expect(JSON.stringify(read)).not.toContain(key.slice(60, 120));
  });
  test.each(["tls.crt", "tls.key"])("a pipe as %s, without waiting for a writer", async (name) => {
    write(filesOf(made.certificate));
    rmSync(join(directory, name));
    execFileSync("mkfifo", [join(directory, name)]);
    expect(await readCertificate(directory, NOW)).toMatchObject({
      ok: false,
      message: expect.stringMatching(new RegExp(`${name}" is no regular file$`)),
    });
  });
  test("a device without an end", async () => {
    write(filesOf(made.certificate));
    rmSync(join(directory, "tls.crt"));
    symlinkSync("/dev/zero", join(directory, "tls.crt"));
    expect(await readCertificate(directory, NOW)).toMatchObject({
      ok: false,
      message: expect.stringMatching(/tls\.crt" is no regular file$/),
    });
  });
  test("expired, and not valid yet", async () => {
    write(filesOf(made.certificate));
    expect(await readCertificate(directory, NOW + 91 * DAY)).toMatchObject({
      ok: false,
      message: expect.stringMatching(/expired at 20\d\d-/),
    });
    expect(await readCertificate(directory, NOW - 2 * DAY)).toMatchObject({
      ok: false,
      message: expect.stringMatching(/is not valid before 20\d\d-/),
    });
  });
  test("no directory", async () => {
    expect(await readCertificate(join(directory, "none"), NOW)).toMatchObject({
      ok: false,
      message: expect.stringMatching(/ENOENT/),
    });
  });
  test("cut at any byte, it is refused, and nothing is thrown", async () => {
    for (let end = 0; end < key.length - 1; end += 7) {
      write({ "tls.crt": certificate, "tls.key": key.slice(0, end) });
      expect(await readCertificate(directory, NOW)).toMatchObject({ ok: false });
    }
  });
});

describe("the CA of the clients", () => {
  test("is read from a file", async () => {
    write({ "clients.pem": made.ca });
    expect(await readClientCa(join(directory, "clients.pem"))).toEqual({ ok: true, pem: made.ca });
  });
  test.each([
    ["no CA", made.certificate.certificate, /starts with a certificate that is no CA/],
    ["no certificate", "x", /holds no certificate/],
  ])("%s is refused", async (_, text, message) => {
    write({ "clients.pem": text });
    expect(await readClientCa(join(directory, "clients.pem"))).toMatchObject({
      ok: false,
      message: expect.stringMatching(message),
    });
  });
  test("a missing file is refused", async () => {
    expect(await readClientCa(join(directory, "none"))).toMatchObject({
      ok: false,
      message: expect.stringMatching(/ENOENT/),
    });
  });
});

describe("a certificate made on the spot is one that the API server takes", () => {
  const leaf = new X509Certificate(made.certificate.certificate);
  const ca = new X509Certificate(made.ca);
  test("it has the names of this machine and of Flyte's Service as subject alternative names", () => {
    for (const name of ["localhost", "flyte-pod-webhook", "flyte-pod-webhook.flyte", "flyte-pod-webhook.flyte.svc"]) {
      expect(leaf.checkHost(name)).toBe(name);
    }
    expect(leaf.checkIP("127.0.0.1")).toBe("127.0.0.1");
  });
  test("it is for servers, no CA itself, and signed by one that may sign", () => {
    expect(leaf.keyUsage).toEqual(["1.3.6.1.5.5.7.3.1"]);
    expect(leaf.ca).toBe(false);
    expect(ca.ca).toBe(true);
    expect(leaf.checkIssued(ca)).toBe(true);
    expect(leaf.verify(ca.publicKey)).toBe(true);
  });
  test("it is P-256, the cheapest handshake", () => {
    expect(leaf.publicKey.asymmetricKeyDetails).toEqual({ namedCurve: "prime256v1" });
  });
  test("each has its own serial number and keys", () => {
    expect(other.ca).not.toBe(made.ca);
    expect(new X509Certificate(other.certificate.certificate).serialNumber).not.toBe(leaf.serialNumber);
    expect(leaf.serialNumber).toHaveLength(32);
  });
});
