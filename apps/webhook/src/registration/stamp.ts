/**
 * Who of several processes with different configurations has the say: the one that started last, as in a roll-out. What
 * each wants stands in an annotation as `<start> <hash>`; those that want the same are one.
 */
import { createHash } from "node:crypto";

import type { DesiredRegistration } from "./desired-registration.ts";

export interface Stamp {
  /** When the process started, in milliseconds since 1970. */
  readonly since: number;
  /** Of what it wants. */
  readonly hash: string;
}

const FORM = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z) ([0-9a-f]{16})$/;

export function stampOf(desired: DesiredRegistration, since: number): Stamp {
  const { entry, labels, annotations, owner = null, caBundle } = desired;
  const text = JSON.stringify([entry, labels, annotations, owner, caBundle]);
  return { since, hash: createHash("sha256").update(text).digest("hex").slice(0, 16) };
}

export function formatStamp({ since, hash }: Stamp): string {
  return `${new Date(since).toISOString()} ${hash}`;
}

/** @returns nothing for a text of another form */
export function parseStamp(text: string | undefined): Stamp | undefined {
  const [, time = "", hash = ""] = FORM.exec(text ?? "") ?? [];
  const since = Date.parse(time);
  return Number.isNaN(since) ? undefined : { since, hash };
}
