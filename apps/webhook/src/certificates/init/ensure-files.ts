/** The same as files, where there is no cluster: `ca.crt`, `tls.crt` and `tls.key` in a directory. */
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { quoted } from "@pod-secrets/core";

import { AppError } from "../../errors.ts";
import { readBundle, writeBundle, type TrustedCa } from "../ca-bundle.ts";
import { readBundleFile, readCertificate } from "../certificate-files.ts";
import { readGeneration, type Generation } from "../managed/generation.ts";
import { issueGeneration } from "../managed/issue.ts";
import { begin } from "../managed/rotation.ts";
import type { PresentContent } from "../managed/secret-codec.ts";
import type { Ensured } from "./ensure-secret.ts";
import { planInit, type InitWish } from "./plan.ts";

/** @throws AppError `E_CERTIFICATE` when the files cannot be written */
export async function ensureFiles(directory: string, wish: Omit<InitWish, "layout">): Promise<Ensured> {
  const { policy, now } = wish;
  const plan = planInit(await readFiles(directory, now), { ...wish, layout: "plain" });
  if (plan.do === "keep") return { outcome: "kept", generation: plan.current };
  if (plan.do !== "issue") throw new Error(`files cannot be treated by "${plan.do}"`);
  const generation = await issueGeneration(policy.names, policy, now);
  await write(directory, generation, [generation.ca, ...plan.former]);
  return { outcome: "made", generation, why: plan.why };
}

/** As if a Secret held them. */
async function readFiles(directory: string, now: number): Promise<PresentContent> {
  const bundle = (await readBundleFile(directory)) ?? "";
  const found = readBundle(bundle).filter(({ expires }) => expires > now);
  const read = await readCertificate(directory, now);
  if (!read.ok) return { kind: "damaged", problem: read.message, found };
  const generation = readGeneration(read.certificate, found, { certificate: "tls.crt", key: "tls.key" });
  return generation.ok
    ? { kind: "intact", rotation: begin(generation.generation, found, now) }
    : { kind: "damaged", problem: generation.message, found };
}

/** The certificate last: until then, what reads them keeps what it has. */
async function write(directory: string, generation: Generation, trusted: readonly TrustedCa[]): Promise<void> {
  try {
    await mkdir(directory, { recursive: true, mode: 0o755 });
    await replaceFile(join(directory, "ca.crt"), writeBundle(trusted), 0o644);
    await replaceFile(join(directory, "tls.key"), generation.key, 0o600);
    await replaceFile(join(directory, "tls.crt"), generation.certificate, 0o644);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "unknown error";
    const message = `the certificate cannot be written to ${quoted(directory, 200)} (${code})`;
    throw new AppError("E_CERTIFICATE", message, "Name a directory that this user may write to.");
  }
}

async function replaceFile(file: string, text: string, mode: number): Promise<void> {
  const half = `${file}.${process.pid}`;
  try {
    await writeFile(half, text, { mode, flag: "wx" });
    await rename(half, file);
  } finally {
    await rm(half, { force: true });
  }
}
