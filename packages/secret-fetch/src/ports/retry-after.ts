/** `Retry-After` of an answer (RFC 9110 10.2.3): seconds, or a date. */

/** What nobody means: a server that says so is as good as gone. */
const LONGEST = 3_600_000;

/**
 * @param value of the header
 * @param now milliseconds since 1970
 * @returns milliseconds to wait; undefined when it says nothing that can be read
 */
export function readRetryAfter(value: string | undefined, now: number): number | undefined {
  if (value === undefined) return undefined;
  if (/^[0-9]{1,9}$/.test(value)) return Math.min(LONGEST, Number(value) * 1000);
  // IMF-fixdate: `Date.parse` would take much else.
  if (!/^[A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9:]{8} GMT$/.test(value)) return undefined;
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.min(LONGEST, Math.max(0, date - now));
}
