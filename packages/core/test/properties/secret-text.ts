/**
 * Random texts in the protobuf text format: Secret messages in every notation, and ones that are a little wrong. Left out is
 * what Go's old parser, which Flyte uses, and the specification read differently: `\x4`, `\X41`, `\1`, `\ud800`, a raw NUL,
 * vertical tabs and form feeds, a byte order mark, and numbers such as `+1`, `- 1`, `0b1`, `0o1` and `1_0`.
 */
import fc from "fast-check";

/** A message, right or wrong. */
export function arbitrarySecretText(): fc.Arbitrary<string> {
  return fc
    .tuple(
      fc.constantFrom("", "", "\n", " # group\n", "\r\n\t"),
      fc.shuffledSubarray(FIELDS),
      fc.array(RARE_FIELD, { maxLength: 1 }),
    )
    .chain(([start, fields, more]) =>
      fc.tuple(fc.constant(start), ...[...fields, ...more].map(arbitraryField)).map((parts) => parts.join("")),
    );
}

const FIELDS = ["group", "group_version", "key", "mount_requirement", "env_var"];
/** Often a second one of its name. */
const RARE_FIELD = fc.constantFrom(
  "group",
  "key",
  "mount_requirement",
  "",
  "Group",
  "groupVersion",
  "1",
  "nope",
  "[a.b]",
  "{",
);

function arbitraryField(name: string): fc.Arbitrary<string> {
  const value = name === "mount_requirement" ? arbitraryEnum() : arbitraryStrings();
  return fc
    .tuple(
      often([":", ": ", " :\n", ":#:\n"], ["", "::", "="]),
      value,
      often([" ", "\n", ";", ", ", " ;#;\n"], ["", ";;", "}"]),
    )
    .map((parts) => name + parts.join(""));
}

/** Some literals, which are one string. */
function arbitraryStrings(): fc.Arbitrary<string> {
  return fc.oneof(
    { arbitrary: fc.tuple(arbitraryLiteral(), arbitraryLiteral()).map((literals) => literals.join(" ")), weight: 3 },
    { arbitrary: arbitraryLiteral(), weight: 16 },
    { arbitrary: fc.constantFrom("", "5", "x", "FILE", "-", '"', "'x", '"a\nb"', '"a\\', '"a\\"', "[]"), weight: 1 },
  );
}

function arbitraryLiteral(): fc.Arbitrary<string> {
  return fc
    .tuple(
      fc.constantFrom('"', "'"),
      fc.array(fc.tuple(CHARACTER, fc.nat(4)), { maxLength: 6 }),
      often([""], BAD_ESCAPES),
    )
    .map(([quote, characters, bad]) => {
      const inside = characters.map(([character, notation]) => written(character, notation, quote));
      return quote + inside.join("") + bad + quote;
    });
}

const CHARACTER = fc.constantFrom(
  "a",
  "B",
  "7",
  " ",
  "#",
  ":",
  "'",
  '"',
  "\\",
  "\n",
  "\r",
  "\t",
  "\0",
  "\u007f",
  "ü",
  "秘",
  "😀",
);

const BAD_ESCAPES = ["\\q", "\\8", "\\400", "\\777", "\\u12", "\\U00110000", "\\", "\\xg", "\\ü"];

const LETTERS: ReadonlyMap<string, string> = new Map([
  ["\n", "\\n"],
  ["\r", "\\r"],
  ["\t", "\\t"],
  ["'", "\\'"],
  ['"', '\\"'],
  ["\\", "\\\\"],
]);

/** A character in one of the notations: as it is where that can be, by its letter, its bytes, or its number. */
function written(character: string, notation: number, quote: string): string {
  const code = character.codePointAt(0) ?? 0;
  const bytes = [...new TextEncoder().encode(character)];
  if (notation === 1) return bytes.map((byte) => `\\${byte.toString(8).padStart(3, "0")}`).join("");
  if (notation === 2) return bytes.map((byte) => `\\x${byte.toString(16).padStart(2, "0")}`).join("");
  if (notation === 3) return `\\U${code.toString(16).padStart(8, "0")}`;
  if (notation === 4 && code <= 0xff_ff) return `\\u${code.toString(16).padStart(4, "0")}`;
  if (character === "\0") return "\\000";
  const needsEscape = character === quote || character === "\\" || character === "\n";
  return needsEscape || notation === 4 ? (LETTERS.get(character) ?? character) : character;
}

function arbitraryEnum(): fc.Arbitrary<string> {
  return often(
    ["ANY", "ENV_VAR", "FILE", "0", "1", "2", "7", "-1", "0x2", "0X1", "002", "00", "-0", "-0x1", "2147483647"],
    [
      "file",
      '"FILE"',
      "1.0",
      "1e0",
      "08",
      "2147483648",
      "-2147483648",
      "-2147483649",
      "0x",
      "0xfffffffff",
      "",
      "-FILE",
      "1 2",
    ],
  );
}

function often(common: readonly string[], rare: readonly string[]): fc.Arbitrary<string> {
  return fc.oneof(
    { arbitrary: fc.constantFrom(...common), weight: 30 },
    { arbitrary: fc.constantFrom(...rare), weight: 1 },
  );
}
