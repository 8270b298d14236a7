/** Texts that like what is special to the kubelet's reader of env files. */
import * as fc from "fast-check";

const special = [
  "'",
  '"',
  "\n",
  "\r",
  "\r\n",
  "#",
  "=",
  " ",
  "\t",
  "\\",
  "A",
  "A='x'",
  "A= 'x'",
  "\n\n",
  "B='",
  "$(A)",
];

export const envText: fc.Arbitrary<string> = fc
  .array(fc.oneof(fc.constantFrom(...special), fc.string({ unit: "grapheme" })))
  .map((parts) => parts.join(""));

export function sampleTexts(count: number): readonly string[] {
  return fc.sample(envText, count);
}
