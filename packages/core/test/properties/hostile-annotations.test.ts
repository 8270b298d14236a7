/** Annotations that nobody meant as requests: they are refused with an error of the catalogue, in order, and soon. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import {
  ANNOTATION_PREFIX,
  ERRORS,
  MAX_SECRETS,
  PROFILES,
  createNaming,
  decodeRequests,
  encodeRequests,
  isSecretError,
  mutatePod,
  type Annotations,
  type Pod,
} from "../../src/index.ts";
import { MAX_REFUSAL_BYTES } from "../../src/refusal.ts";
import { encodeBase32Bytes } from "../../src/requests/base32.ts";
import { arbitraryText, arbitraryTextAsk, copyOf } from "./arbitraries.ts";
import { MANAGERS } from "./managers.ts";
import { expectAtMost, expectEqual } from "./patch-result.ts";
import { PROPERTY_TIMEOUT, RANDOM, RUNS } from "./runs.ts";
import { arbitrarySecretText } from "./secret-text.ts";

const NAMES = ["__proto__", "constructor", "toString", "hasOwnProperty", "valueOf", "prototype"];

const arbitraryNumber = fc.oneof(
  fc.nat({ max: 300 }).map(String),
  fc.constantFrom(
    "1e999",
    "-1",
    "+1",
    "007",
    "00",
    "0x10",
    "1.5",
    "NaN",
    "Infinity",
    "9".repeat(40),
    "0".repeat(300),
    "٣",
  ),
);

const arbitraryKey = fc.oneof(
  { arbitrary: arbitraryNumber.map((number) => ANNOTATION_PREFIX + number), weight: 6 },
  { arbitrary: arbitraryText().map((text) => ANNOTATION_PREFIX + text), weight: 2 },
  { arbitrary: fc.constantFrom(...NAMES, ...NAMES.map((name) => ANNOTATION_PREFIX + name)), weight: 2 },
);

function inBase32(text: string): string {
  return encodeBase32Bytes(new TextEncoder().encode(text));
}

const arbitraryValue: fc.Arbitrary<unknown> = fc.oneof(
  { arbitrary: fc.uint8Array({ maxLength: 64 }).map(encodeBase32Bytes), weight: 2 },
  { arbitrary: arbitrarySecretText().map(inBase32), weight: 4 },
  { arbitrary: arbitraryTextAsk().map((ask) => encodeRequests([ask])[`${ANNOTATION_PREFIX}0`]), weight: 8 },
  { arbitrary: arbitraryText(), weight: 1 },
  { arbitrary: fc.constantFrom(...NAMES, ...NAMES.map((name) => inBase32(`${name}: "x"`))), weight: 1 },
  { arbitrary: fc.constantFrom<unknown>(null, true, 1, {}, [], ["a"], { length: 3 }), weight: 1 },
);

const arbitraryAnnotations: fc.Arbitrary<Annotations> = fc
  .array(fc.tuple(arbitraryKey, arbitraryValue), { maxLength: 4 })
  .map((entries) => Object.fromEntries(entries) as Annotations);

/** The requests, or the code of the error; an error that is not in the catalogue fails the test. */
function decoded(annotations: Annotations): readonly object[] | string {
  try {
    return decodeRequests(annotations);
  } catch (error) {
    if (!isSecretError(error)) throw error;
    expectEqual(Object.hasOwn(ERRORS, error.code), true);
    expectPrintable(`${error.message} ${error.fix}`);
    return error.code;
  }
}

/** One line, without characters that hide or forge others. */
function expectPrintable(text: string): void {
  expectEqual(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u.exec(text), null);
}

describe("hostile annotations", { timeout: PROPERTY_TIMEOUT }, () => {
  it("give requests of plain text, or an error of the catalogue", () => {
    let requests = 0;
    fc.assert(
      fc.property(arbitraryAnnotations, (annotations) => {
        const result = decoded(annotations);
        if (typeof result === "string") return;
        for (const request of result) {
          requests++;
          expectEqual(Object.getPrototypeOf(request), Object.prototype);
          expectEqual(Object.keys(request).toSorted(), FIELDS);
          expectEqual(new Set(Object.values(request).map((value) => typeof value)), new Set(["string"]));
        }
      }),
      RANDOM,
    );
    expect(requests).toBeGreaterThan(RUNS / 10);
  });

  it("are all read, in the order of their numbers, then of their names, in whatever order they come", () => {
    fc.assert(
      fc.property(fc.uniqueArray(arbitraryKey, { maxLength: 12 }), (keys) => {
        const sources = decodeRequests(Object.fromEntries(keys.map((key) => [key, ""]))).map(({ source }) => source);
        expectEqual(sources, keys.filter((key) => key.startsWith(ANNOTATION_PREFIX)).toSorted(byNumber));
      }),
      RANDOM,
    );
  });

  it("never make a mutation throw, nor its message long or unprintable", async () => {
    const outcomes = new Set<string>();
    const property = fc.asyncProperty(
      arbitraryAnnotations,
      fc.constantFrom("flyte-v1", "flyte-v2"),
      async (annotations, name) => {
        const pod = copyOf({ metadata: { annotations }, spec: { containers: [{ name: "main", image: "i" }] } }) as Pod;
        const facts = { namespace: "ns", dryRun: false, deadline: Number.MAX_SAFE_INTEGER };
        const settings = { profile: PROFILES[name], naming: createNaming(PROFILES[name]), onFailure: "deny" } as const;
        const mutation = await mutatePod(pod, facts, { ...settings, injectors: Object.values(MANAGERS) });
        outcomes.add(mutation.outcome);
        if (mutation.outcome !== "refused") return;
        expectPrintable(mutation.message);
        expectAtMost(Buffer.byteLength(mutation.message), MAX_REFUSAL_BYTES);
        expectEqual(
          mutation.decisions.filter((decision) => "code" in decision && decision.code === "E_INJECTOR_FAILED"),
          [],
        );
      },
    );
    await fc.assert(property, RANDOM);
    expect([...outcomes].toSorted()).toEqual(["changed", "refused", "unchanged"]);
  });

  it("leave the prototypes of the language alone", () => {
    const before = Object.getOwnPropertyNames(Object.prototype);
    for (const name of NAMES)
      decoded({ [`${ANNOTATION_PREFIX}0`]: inBase32(`${name}: "x"`), [ANNOTATION_PREFIX + name]: "" });
    expect(Object.getOwnPropertyNames(Object.prototype)).toEqual(before);
  });
});

const FIELDS = ["envVar", "group", "groupVersion", "key", "mountRequirement", "source"];

function byNumber(one: string, other: string): number {
  const [a, b] = [numberOf(one), numberOf(other)];
  if (a !== b) return b === undefined || (a !== undefined && a < b) ? -1 : 1;
  return one < other ? -1 : 1;
}

function numberOf(key: string): bigint | undefined {
  const suffix = key.slice(ANNOTATION_PREFIX.length);
  return /^[0-9]+$/.test(suffix) ? BigInt(suffix) : undefined;
}

const MEGABYTE = 1_000_000;

// What a parser may take quadratic time for, or a stack as deep as the text is long.
const LARGE: Readonly<Record<string, string>> = {
  "one string": `group: "${"x".repeat(MEGABYTE)}"`,
  "many strings that are one": `group: ${'"x" '.repeat(MEGABYTE / 4)}`,
  "many escapes": `group: "${"\\303\\274".repeat(MEGABYTE / 8)}"`,
  "backslashes only": `group: "${"\\".repeat(MEGABYTE)}`,
  "a string without its end": `group: "${"x".repeat(MEGABYTE)}`,
  "quotes only": `group: ${'"'.repeat(MEGABYTE + 1)}`,
  "a long number": `mount_requirement: ${"1_".repeat(MEGABYTE / 2)}`,
  "many zeros": `mount_requirement: ${"0".repeat(MEGABYTE)}`,
  "a long name": "n".repeat(MEGABYTE),
  "a long extension": `[${"a.".repeat(MEGABYTE / 2)}`,
  "blanks only": " \n".repeat(MEGABYTE / 2),
  "comments only": "#\n".repeat(MEGABYTE / 2),
  "brackets only": "[".repeat(MEGABYTE),
  "no UTF-8": "\u0080\u0100".repeat(MEGABYTE / 4),
};

describe("an annotation of a megabyte", () => {
  /** Milliseconds of the processor, whatever else the machine does. A quadratic parser takes minutes. */
  const SOON = 5000;

  it.for(Object.entries(LARGE))("is read or refused soon: %s", { timeout: 4 * SOON }, ([, text]) => {
    const value = inBase32(text);
    const start = process.threadCpuUsage();
    decoded({ [`${ANNOTATION_PREFIX}0`]: value });
    decoded({ [`${ANNOTATION_PREFIX}0`]: text });
    decoded({ [ANNOTATION_PREFIX + text]: "" });
    expect(process.threadCpuUsage(start).user / 1000).toBeLessThan(SOON);
  });

  it("is read or refused soon when its bytes are random", { timeout: 4 * SOON }, () => {
    const bytes = fc.uint8Array({ minLength: 1000, maxLength: 1000 });
    fc.assert(
      fc.property(bytes, (part) => {
        const start = process.threadCpuUsage();
        decoded({ [`${ANNOTATION_PREFIX}0`]: encodeBase32Bytes(part).repeat(MEGABYTE / 1600) });
        expect(process.threadCpuUsage(start).user / 1000).toBeLessThan(SOON);
      }),
      { ...RANDOM, numRuns: 5 },
    );
  });
});

describe("more annotations than anybody needs", () => {
  it("are refused without reading them", () => {
    const annotations = Object.fromEntries(
      Array.from({ length: MAX_SECRETS + 1 }, (_, at) => [ANNOTATION_PREFIX + String(at), "!"]),
    );
    expect(decoded(annotations)).toBe("E_TOO_MANY_SECRETS");
  });
});
