/** One round of the rotation: a certificate, and the CA that signed it, whose key is gone. */
import type { LoadedCertificate, ServerCertificate } from "../certificate.ts";
import { readPair, wrong, type PairNames, type Wrong } from "../certificate-check.ts";
import { BACKDATED, HOUR } from "../lifetimes.ts";
import { issuerOf, type TrustedCa } from "../ca-bundle.ts";
import { canonicalName, certifiedNames } from "../name.ts";

export interface Generation extends LoadedCertificate {
  /** Of the certificate: the first 16 hexadecimal digits of its SHA-256 fingerprint. */
  readonly id: string;
  readonly ca: TrustedCa;
  /** When the certificate becomes valid, in milliseconds since 1970. */
  readonly starts: number;
  /** DNS names and IP addresses, in their canonical form. */
  readonly names: readonly string[];
}

/** What certificates have to be like. Times in milliseconds. */
export interface CertificatePolicy {
  /** DNS names and IP addresses by which the API server calls. */
  readonly names: readonly string[];
  /** How long a new one is valid. A third of it before the end, the next one is made. */
  readonly lifetime: number;
}

export type GenerationRead = { readonly ok: true; readonly generation: Generation } | Wrong;

/** Checks that certificate and key belong together, and that one of the CAs signed it. The time is not looked at. */
export function readGeneration(pair: ServerCertificate, cas: readonly TrustedCa[], names: PairNames): GenerationRead {
  const read = readPair(pair, names);
  if (!read.ok) return read;
  const { leaf } = read;
  const ca = issuerOf(leaf, cas);
  if (ca === undefined) return wrong(`no CA of the bundle has signed ${names.certificate}`, FIX_CA);
  return {
    ok: true,
    generation: {
      ...pair,
      id: leaf.fingerprint256.replaceAll(":", "").toLowerCase().slice(0, 16),
      ca,
      starts: leaf.validFromDate.getTime(),
      expires: Math.min(leaf.validToDate.getTime(), ca.expires),
      names: certifiedNames(leaf),
    },
  };
}

const FIX_CA = "Write the CA that signed the certificate to ca.crt.";

/** `due`: good, and the next one should be made. `unusable`: clients refuse it. */
export type Standing = "good" | "due" | "unusable";

/** @param now milliseconds since 1970 */
export function standingOf(generation: Generation, policy: CertificatePolicy, now: number): Standing {
  if (!isUsable(generation, policy, now)) return "unusable";
  const valid = generation.expires - generation.starts;
  // One that lives for years, such as Flyte's, is none of ours.
  const isForeign = valid > policy.lifetime + BACKDATED + HOUR;
  return isForeign || isRunningOut(generation, policy, now) ? "due" : "good";
}

/** Whether clients take it now, under every name. */
export function isUsable(generation: Generation, policy: CertificatePolicy, now: number): boolean {
  return isWithinDates(generation, now) && hasNames(generation, policy);
}

/** Whether its dates hold, by a clock that may be wrong. */
export function isWithinDates({ starts, expires }: Generation, now: number): boolean {
  return now >= starts && now < expires;
}

/** Whether it has every name that the policy asks for. */
export function hasNames(generation: Generation, { names }: CertificatePolicy): boolean {
  return names.every((name) => generation.names.includes(canonicalName(name)));
}

/** Whether less than a third of its life is left. */
export function isRunningOut({ starts, expires }: Generation, { lifetime }: CertificatePolicy, now: number): boolean {
  const valid = expires - starts;
  const planned = Math.min(lifetime, Math.max(valid - BACKDATED, valid / 2));
  return expires - now <= planned / 3;
}

/** Three configurations of the most names each, and more than these come from nowhere but a fight over the certificate. */
const MAX_NAMES = 64;

/** Whether no name of another configuration can be added. */
export function isFull({ names }: Generation): boolean {
  return names.length >= MAX_NAMES;
}

/** What there is when another generation is to be made. */
export interface Rounds {
  readonly current: Generation;
  /** The one that was to come, and is replaced. */
  readonly next?: Generation;
}

/**
 * Names for the next generation. One that lacks a name may be another replica's, with a newer or older configuration:
 * until all have the same one, the next has the names of both, and nobody finds it wanting. Names of a configuration that
 * is gone go with the first rotation that is begun for another reason.
 */
export function nextNames({ current, next }: Rounds, policy: CertificatePolicy): readonly string[] {
  const others = [...(hasNames(current, policy) ? [] : current.names), ...(next?.names ?? [])];
  if (others.length === 0) return policy.names;
  return [...new Set([...policy.names.map(canonicalName), ...others])].slice(0, MAX_NAMES);
}
