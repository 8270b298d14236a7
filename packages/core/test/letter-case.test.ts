import { createHash } from "node:crypto";

import { expect, test } from "vitest";

import { goLower, goUpper } from "../src/letter-case.ts";

/** Planes 0 and 1 of Unicode; the others have no letter with two cases. */
const LAST = 0x1ffff;

/** Each letter that has another case, with its capital and its small letter: `e9 c9 e9`. */
function* letters(): Generator<string> {
  for (let code = 0; code <= LAST; code++) {
    if (code >= 0xd800 && code <= 0xdfff) continue;
    const letter = String.fromCodePoint(code);
    const cases = [letter, goUpper(letter), goLower(letter)];
    if (cases.some((other) => other !== letter)) yield cases.map(codePoints).join(" ");
  }
}

function codePoints(text: string): string {
  return [...text].map((letter) => letter.codePointAt(0)?.toString(16)).join("+");
}

// The digest is that of the same lines by `strings.ToUpper` and `strings.ToLower` of Go 1.26, with which Flyte v1.16.8 is built.
test("every letter has the cases that Go gives it", () => {
  const lines = [...letters()];
  const digest = createHash("sha256");
  for (const line of lines) digest.update(`${line}\n`);
  expect({ letters: lines.length, digest: digest.digest("hex") }).toEqual({
    letters: 2879,
    digest: "d7218761a3d7f8690d45ee7af4d53f112e66f70e1ad2294b9d518f8f09b5d079",
  });
});

test("a letter that got its other case after Unicode 15 has none, whatever Node knows", () => {
  for (const letter of ["\u019b", "\u0264", "\u1c89", "\ua7cb", "\ua7da", "\u{10d50}", "\u{16ea0}"])
    expect([goUpper(letter), goLower(letter)]).toEqual([letter, letter]);
});
