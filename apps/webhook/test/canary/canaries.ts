/** Random values that must not turn up, and the search for them in whatever form they might. */
import { randomBytes } from "node:crypto";

/** A secret value with a random core, so that a part of it is found as well. */
export interface Canary {
  readonly name: string;
  readonly value: Buffer;
  /** Random hex digits that stand in the value. */
  readonly cores: readonly string[];
}

/** @param around the value from its core */
export function canary(name: string, around: (core: string) => string | Buffer): Canary {
  const core = randomCore();
  return { name, value: Buffer.from(around(core) as string), cores: [core] };
}

/** A value longer than an env var may be, with cores at its start, in the middle and at its end. */
export function longCanary(name: string, length: number): Canary {
  const cores = [randomCore(), randomCore(), randomCore()];
  const filling = "x".repeat((length - 72) / 2);
  return { name, value: Buffer.from(cores.join(filling)), cores };
}

function randomCore(): string {
  return randomBytes(12).toString("hex");
}

/** Where a value was found, such as `quotes as base64`; empty when it was not. */
export function leaksIn(text: string, canaries: readonly Canary[]): readonly string[] {
  const folded = text.toLowerCase();
  return canaries.flatMap(({ name, value, cores }) => {
    const forms = [...cores.flatMap((core) => formsOf(core)), ...wholeForms(value)];
    const found = forms.filter(({ needle, exact }) => (exact ? text.includes(needle) : folded.includes(needle)));
    return [...new Set(found.map(({ form }) => `${name} as ${form}`))];
  });
}

interface Form {
  readonly form: string;
  readonly needle: string;
  /** Whether upper and lower case differ. */
  readonly exact: boolean;
}

function formsOf(core: string): readonly Form[] {
  const bytes = Buffer.from(core);
  const escapes = [...bytes].map((byte) => byte.toString(16));
  return [
    { form: "text", needle: core, exact: false },
    { form: "reversed text", needle: [...core].toReversed().join(""), exact: false },
    { form: "hex", needle: bytes.toString("hex"), exact: false },
    { form: "reversed hex", needle: Buffer.from(bytes.toReversed()).toString("hex"), exact: false },
    { form: "URL encoding", needle: `%${escapes.join("%")}`, exact: false },
    { form: "escapes", needle: escapes.map((escape) => String.raw`\u00${escape}`).join(""), exact: false },
    { form: "list of bytes", needle: bytes.join(","), exact: false },
    ...base64Forms(bytes),
  ];
}

/** The same bytes look different at each of three places in a group of three. */
function base64Forms(bytes: Buffer): readonly Form[] {
  return [0, 1, 2].flatMap((shift) => {
    const padded = Buffer.concat([new Uint8Array(shift), bytes]);
    // The first and the last characters depend on what stands beside.
    const inner = (text: string): string => text.replace(/=+$/, "").slice(shift === 0 ? 0 : 4, -2);
    return [
      { form: "base64", needle: inner(padded.toString("base64")), exact: true },
      { form: "base64", needle: inner(padded.toString("base64url")), exact: true },
    ];
  });
}

function wholeForms(value: Buffer): readonly Form[] {
  const text = value.toString("utf8");
  return [
    { form: "whole text", needle: text, exact: true },
    { form: "whole URL encoding", needle: encodeURIComponent(text), exact: true },
    { form: "whole JSON", needle: JSON.stringify(text).slice(1, -1), exact: true },
    { form: "whole base64", needle: value.toString("base64"), exact: true },
  ];
}
