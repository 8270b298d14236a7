/** The same as files, where there is no cluster: `ca.crt`, `tls.crt` and `tls.key` in a directory. */
import { lstat, mkdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { quoted } from "@pod-secrets/core";

import { AppError } from "../../errors.ts";
import { readBundle, writeBundle, type TrustedCa } from "../ca-bundle.ts";
import { readBundleFile, readCertificate } from "../certificate-files.ts";
import { readGeneration, type Generation } from "../managed/generation.ts";
import { issueGeneration } from "../managed/issue.ts";
import { begin } from "../managed/rotation.ts";
import type { SecretContent } from "../managed/secret-content.ts";
import type { Ensured } from "./ensure-secret.ts";
import { planInit, type InitWish } from "./plan.ts";

/**
 * What has to make way is renamed: it may be all that somebody has of a key.
 * @throws AppError `E_CERTIFICATE` when the files cannot be written
 */
export async function ensureFiles(directory: string, wish: Omit<InitWish, "layout">): Promise<Ensured> {
  const { policy, now } = wish;
  const plan = planInit(await readFiles(directory, now), { ...wish, layout: "plain" });
  if (plan.do === "keep") return { outcome: "kept", generation: plan.current };
  if (plan.do !== "issue") throw new Error(`files cannot be treated by "${plan.do}"`);
  const generation = await issueGeneration(policy.names, policy, now);
  const copies = await write(directory, generation, { trusted: [generation.ca, ...plan.former], now });
  return { outcome: "made", generation, why: plan.why, copies };
}

/** As if a Secret held them. */
async function readFiles(directory: string, now: number): Promise<SecretContent> {
  const bundle = (await readBundleFile(directory)) ?? "";
  const found = readBundle(bundle).filter(({ expires }) => expires > now);
  const isThere = await Promise.all(["tls.crt", "tls.key"].map((name) => exists(join(directory, name))));
  if (!isThere.includes(true)) return { kind: "absent", found };
  const read = await readCertificate(directory, now);
  if (!read.ok) return { kind: "damaged", problem: read.message, found };
  const generation = readGeneration(read.certificate, found, { certificate: "tls.crt", key: "tls.key" });
  return generation.ok
    ? { kind: "intact", rotation: begin(generation.generation, found, now) }
    : { kind: "damaged", problem: generation.message, found };
}

interface Written {
  readonly trusted: readonly TrustedCa[];
  readonly now: number;
}

/**
 * The certificate last: until then, what reads them keeps what it has.
 * @returns new names of what was there
 */
async function write(directory: string, generation: Generation, { trusted, now }: Written): Promise<readonly string[]> {
  const suffix = new Date(now).toISOString().replaceAll(/[-:]|\.\d+/g, "");
  try {
    await makeDirectory(directory);
    const files = [
      { name: "ca.crt", text: writeBundle(trusted), mode: 0o644 },
      { name: "tls.key", text: generation.key, mode: 0o600 },
      { name: "tls.crt", text: generation.certificate, mode: 0o644 },
    ];
    const copies: string[] = [];
    for (const file of files) {
      // oxlint-disable-next-line no-await-in-loop -- in this order
      copies.push(...(await replaceFile(directory, file, suffix)));
    }
    return copies;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "unknown error";
    const message = `the certificate cannot be written to ${quoted(directory, 200)} (${code})`;
    throw new AppError("E_CERTIFICATE", message, "Name a directory that this user may write to.");
  }
}

/** One after the other: Node's own recursion never ends where nothing can be made, as in /proc (Node 24). */
async function makeDirectory(directory: string): Promise<void> {
  const parent = dirname(directory);
  const make = (): Promise<void> => mkdir(directory, { mode: 0o755 });
  try {
    await make();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // What stands there instead of a directory is told of when a file is to be made in it.
    if (code === "EEXIST") return;
    if (code !== "ENOENT" || parent === directory) throw error;
    await makeDirectory(parent);
    await make();
  }
}

interface NewFile {
  readonly name: string;
  readonly text: string;
  readonly mode: number;
}

/** @returns the new name of what was there */
async function replaceFile(
  directory: string,
  { name, text, mode }: NewFile,
  suffix: string,
): Promise<readonly string[]> {
  const file = join(directory, name);
  const half = `${file}.${process.pid}`;
  try {
    await writeFile(half, text, { mode, flag: "wx" });
    const copies = (await exists(file)) ? [await freeName(directory, `${name}.${suffix}`)] : [];
    for (const copy of copies) {
      // oxlint-disable-next-line no-await-in-loop -- there is one at most
      await rename(file, join(directory, copy));
    }
    await rename(half, file);
    return copies;
  } finally {
    await rm(half, { force: true });
  }
}

async function freeName(directory: string, name: string): Promise<string> {
  for (let count = 1; ; count++) {
    const free = count === 1 ? name : `${name}-${count}`;
    // oxlint-disable-next-line no-await-in-loop -- the first that is free
    if (!(await exists(join(directory, free)))) return free;
  }
}

/** Also a link that leads nowhere. */
async function exists(file: string): Promise<boolean> {
  return lstat(file).then(
    () => true,
    () => false,
  );
}
