/** The CAs that the API server is to trust, as the registration holds them. */
import { readBundle, writeBundle } from "../certificates/ca-bundle.ts";

/**
 * Whether CAs of others may stand beside ours. Replicas that read their certificate from files see new ones at different
 * times, up to two minutes apart: until all have followed, each would take away what another one needs.
 */
export type OtherCas = { readonly stay: false } | { readonly stay: true; readonly now: number };

/** Most CAs in a bundle with others. Ours come first, and are never cut. */
const MAX_CAS = 4;

/**
 * What the registration should hold.
 * @param bundle ours, in PEM
 * @param live what it holds, in base64
 */
export function heldBundle(bundle: string, live: string | undefined, others: OtherCas): string {
  if (!others.stay || live === undefined) return bundle;
  const text = Buffer.from(live, "base64").toString();
  const ours = readBundle(bundle);
  const theirs = readBundle(text);
  const isHeld = ours.every(({ pem }) => theirs.some((ca) => ca.pem === pem));
  if (isHeld && theirs.length <= MAX_CAS) return text;
  const room = Math.max(0, MAX_CAS - ours.length);
  const kept = theirs
    .filter(({ pem, expires }) => expires > others.now && !ours.some((ca) => ca.pem === pem))
    .slice(0, room);
  return kept.length === 0 ? bundle : writeBundle([...ours, ...kept]);
}

/** As the API has it: base64. */
export function encodeBundle(pem: string): string {
  return Buffer.from(pem).toString("base64");
}
