/**
 * Numbers in YAML as Kubernetes reads them (go-yaml v2.4.2, `resolve.go`): without their underscores, what Go's
 * `strconv.ParseInt` takes with base 0, or a decimal. `.` and `e1` are text, which the library's YAML 1.1 takes for
 * numbers that are none.
 */
import type { ScalarTag } from "yaml";

const INTEGER = /^[-+]?(?:0_*[xX]_*[0-9a-fA-F][0-9a-fA-F_]*|0_*[bB]_*[01][01_]*|0_*[oO]_*[0-7][0-7_]*|[0-9][0-9_]*)$/;
const DECIMAL = /^[-+]?(?:[0-9][0-9_]*(?:\.[0-9_]*)?|\.[0-9]+)(?:[eE][-+]?_*[0-9][0-9_]*)?$/;

/** In place of the library's, but for those of infinities and NaN. */
export const NUMBER_TAGS: readonly ScalarTag[] = [
  numberTag("int", INTEGER, Number.isInteger, integerOf),
  numberTag("float", DECIMAL, Number.isFinite, Number),
];

/** Whether a tag of the library stands for numbers that {@link NUMBER_TAGS} take. */
export function isNumberTag({ tag, test }: { readonly tag: string; readonly test?: RegExp }): boolean {
  return tag === nameOf("int") || (tag === nameOf("float") && test?.test(".inf") !== true);
}

function numberTag(
  kind: "int" | "float",
  test: RegExp,
  identify: (value: unknown) => boolean,
  read: (digits: string) => number,
): ScalarTag {
  return {
    tag: nameOf(kind),
    default: true,
    test,
    identify,
    resolve: (text) => {
      const value = read(text.replaceAll("_", ""));
      return Number.isFinite(value) ? value : text;
    },
    // As the user wrote it: JavaScript has no integers beyond 2^53, and a Pod has.
    stringify: ({ source, value }) => source ?? String(value),
  };
}

function nameOf(kind: string): string {
  return `tag:yaml.org,2002:${kind}`;
}

/** JavaScript knows the same prefixes, but for a sign before them and the zero of old octal numbers. */
function integerOf(text: string): number {
  const digits = text.replace(/^[-+]/, "");
  const value = Number(/^0[0-7]+$/.test(digits) ? `0o${digits}` : digits);
  return text.startsWith("-") ? 0 - value : value;
}
