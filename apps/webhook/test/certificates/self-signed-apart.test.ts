/** A certificate that another process makes. */
import { X509Certificate } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";

import { HOUR } from "../../src/certificates/lifetimes.ts";
import { makeSelfSignedApart } from "../../src/certificates/self-signed-apart.ts";
import type { Holder, SelfSigned } from "../../src/certificates/self-signed.ts";

const HOLDER: Holder = { usage: "server", commonName: "webhook", names: ["webhook.flyte.svc"], lifetime: HOUR };
const NOW = Date.UTC(2026, 0, 1);

function expectCertificate({ certificate, ca }: SelfSigned): void {
  const [leaf, issuer] = [new X509Certificate(certificate.certificate), new X509Certificate(ca)];
  expect(leaf.verify(issuer.publicKey)).toBe(true);
  expect(leaf.subjectAltName).toBe("DNS:webhook.flyte.svc");
  expect(leaf.validToDate.getTime()).toBe(NOW + HOUR);
  expect(certificate.expires).toBe(NOW + HOUR);
}

function program(script: string): string {
  const folder = mkdtempSync(join(tmpdir(), "pod-secrets-apart-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, "program.mjs");
  writeFileSync(file, script);
  return file;
}

test("is for its holder, and of a CA of its own", async () => {
  expectCertificate(await makeSelfSignedApart(NOW, HOLDER));
});

test.each([
  ["cannot begin", "this is no script"],
  ["ends at once", "process.exit(1)"],
  ["says nothing", ""],
])("is made here when the other process %s", async (_, script) => {
  expectCertificate(await makeSelfSignedApart(NOW, HOLDER, program(script)));
});

test("the other process sees nothing of the environment of this one", async () => {
  vi.stubEnv("FLYTE_SECRET_WAREHOUSE_PASSWORD", "canary");
  onTestFinished(() => void vi.unstubAllEnvs());
  const seen = await makeSelfSignedApart(NOW, HOLDER, program("console.log(JSON.stringify(process.env))"));
  expect(Object.keys(seen)).not.toContain("FLYTE_SECRET_WAREHOUSE_PASSWORD");
  expect(Object.keys(seen)).not.toContain("PATH");
});
