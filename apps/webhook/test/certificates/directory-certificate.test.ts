/** A certificate in files, and the name by which the API server calls. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";

import { fromDirectory } from "../../src/certificates/directory-certificate.ts";
import { makeSelfSigned, type SelfSigned } from "../../src/certificates/self-signed.ts";
import type { LoadedCertificate } from "../../src/certificates/certificate.ts";

const HOST = "webhook.flyte.svc";
const CALLED = { host: () => HOST, byCaFile: true };
const [fitting, later, misfitting] = (await Promise.all(
  [HOST, HOST, "other.flyte.svc"].map((name) =>
    makeSelfSigned(Date.now(), { usage: "server", commonName: "x", names: [name] }),
  ),
)) as [SelfSigned, SelfSigned, SelfSigned];

interface Followed {
  readonly write: (made: SelfSigned) => void;
  readonly presented: readonly LoadedCertificate[];
  readonly problems: readonly string[];
  readonly told: readonly string[];
  /** Resolves when it fits. */
  readonly fits: Promise<void>;
  readonly bundle: () => Promise<string | undefined>;
}

/** As `serve` follows it once it knows by which name the API server calls. */
async function follow(first: SelfSigned): Promise<Followed> {
  const directory = mkdtempSync(join(tmpdir(), "directory-certificate-"));
  const stop = new AbortController();
  onTestFinished(() => {
    stop.abort();
    rmSync(directory, { recursive: true });
  });
  const write = ({ certificate, ca }: SelfSigned): void => {
    writeFileSync(join(directory, "ca.crt"), ca);
    writeFileSync(join(directory, "tls.key"), certificate.key);
    writeFileSync(join(directory, "tls.crt"), certificate.certificate);
  };
  write(first);
  const certificate = await fromDirectory({ kind: "directory", directory, called: CALLED }, Date.now());
  const presented: LoadedCertificate[] = [];
  const problems: string[] = [];
  const told: string[] = [];
  certificate.watch({
    onChange: (changed) => presented.push(changed),
    onProblem: (message) => problems.push(message),
    signal: stop.signal,
    clock: Date.now,
  });
  const fits = certificate.fits(({ message }) => told.push(message));
  return { write, presented, problems, told, fits, bundle: () => certificate.bundle() };
}

const WRONG_NAME = /tls\.crt" is not for "webhook\.flyte\.svc", .* but for "other\.flyte\.svc"$/;

test("one for another name is told of, and waited for until one for that name is there", async () => {
  const { write, presented, told, fits, bundle } = await follow(misfitting);
  await expect.poll(() => told).toEqual([expect.stringMatching(WRONG_NAME)]);
  expect(await bundle()).toBeUndefined();
  write(fitting);
  await fits;
  expect(presented.map(({ key }) => key)).toEqual([fitting.certificate.key]);
  expect(await bundle()).toBe(fitting.ca);
});

test("a later one for another name is not presented, and its CA not taken; the next good one is", async () => {
  const { write, presented, problems, fits, bundle } = await follow(fitting);
  await fits;
  write(misfitting);
  // Files of two certificates may be seen together while they are written.
  await expect.poll(() => problems.at(-1), { timeout: 30_000 }).toMatch(WRONG_NAME);
  expect(await bundle()).toBeUndefined();
  write(later);
  await expect.poll(() => presented.map(({ key }) => key), { timeout: 30_000 }).toEqual([later.certificate.key]);
  expect(await bundle()).toBe(later.ca);
});

test("one that no CA beside it signed is told of, and waited for until its own CA is there", async () => {
  const { write, told, fits, bundle } = await follow({ ...fitting, ca: later.ca });
  await expect.poll(() => told).toEqual([expect.stringMatching(/^no CA in ".*ca\.crt" signed ".*tls\.crt"$/)]);
  expect(await bundle()).toBeUndefined();
  // The certificate is the same: what has changed is the CA alone.
  write(fitting);
  await fits;
  expect(await bundle()).toBe(fitting.ca);
});

test("the CA of another one is not taken while the certificate is still the old one", async () => {
  const { write, fits, bundle } = await follow(fitting);
  await fits;
  write({ ...fitting, ca: later.ca });
  expect(await bundle()).toBeUndefined();
  write({ ...fitting, ca: later.ca + fitting.ca });
  expect(await bundle()).toBe(later.ca + fitting.ca);
});
