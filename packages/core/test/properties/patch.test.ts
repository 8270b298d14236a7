/** The patch between any two documents, and its length where one was edited copy-on-write. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { createPatch, type Pod } from "../../src/index.ts";
import { expectAtMost, expectEqual, expectToMake } from "./patch-result.ts";
import { PROPERTY_TIMEOUT, RANDOM } from "./runs.ts";

type Json = Readonly<Record<string, unknown>>;

// Keys with signs of JSON Pointer; fast-json-patch takes no `__proto__` in a path.
const arbitraryKey = fc.constantFrom("a", "b", "name", "", "/", "~", "~1", "a/b", "0", "-", "constructor", "ü");

const { document: arbitraryDocument } = fc.letrec<{ document: Json; value: unknown }>((tie) => ({
  document: fc.dictionary(arbitraryKey, tie("value"), { maxKeys: 4, noNullPrototype: true }),
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.constantFrom<unknown>(null, 0, 1, true, "", "x", "y"),
    fc.array(tie("value"), { maxLength: 4 }),
    tie("document"),
  ),
}));

describe("a patch between any two documents", { timeout: PROPERTY_TIMEOUT }, () => {
  it("makes one of the other, for two implementations of RFC 6902", () => {
    fc.assert(
      fc.property(arbitraryDocument, arbitraryDocument, (before, after) => {
        expectToMake(createPatch(before, after), before, after);
      }),
      RANDOM,
    );
  });
});

/** One change of a document: of its list of named entries, or of its flat fields. */
interface Edit {
  readonly kind: "insert" | "remove" | "change" | "annotate";
  readonly at: number;
}

const arbitraryEdits = fc.array(
  fc.record<Edit>({ kind: fc.constantFrom("insert", "insert", "remove", "change", "annotate"), at: fc.nat(40) }),
  { maxLength: 8 },
);

interface Edited {
  readonly annotations: Json;
  readonly entries: readonly Json[];
}

function edited(document: Edited, { kind, at }: Edit, number: number): Edited {
  const { annotations, entries } = document;
  const index = at % Math.max(1, entries.length);
  switch (kind) {
    case "annotate":
      return { ...document, annotations: { ...annotations, [`k${at % 5}`]: number } };
    case "insert":
      return {
        ...document,
        entries: entries.toSpliced(at % (entries.length + 1), 0, { name: `new-${number}`, value: [] }),
      };
    case "remove":
      return { ...document, entries: entries.toSpliced(index, 1) };
    case "change":
      if (entries.length === 0) return document;
      return { ...document, entries: entries.with(index, { ...entries[index], [`field${at % 3}`]: number }) };
  }
}

describe("a patch after copy-on-write edits", { timeout: PROPERTY_TIMEOUT }, () => {
  it("makes one of the other, with at most one operation for each edit", () => {
    fc.assert(
      fc.property(fc.nat(31), arbitraryEdits, (length, edits) => {
        const entries = Array.from({ length }, (_, index) => ({ name: `old-${index}`, value: [{}] }));
        const before: Edited = { annotations: { k0: "user" }, entries };
        const after = edits.reduce(edited, before);
        const patch = createPatch(before as Pod, after as Pod);
        expectToMake(patch, before, after);
        expectAtMost(patch.length, edits.length);
      }),
      RANDOM,
    );
  });

  it("does not mention what was not edited", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 31 }), fc.nat(40), (length, at) => {
        const entries = Array.from({ length }, (_, index) => ({ name: `old-${index}`, large: "x".repeat(100) }));
        const before: Edited = { annotations: {}, entries };
        const after = edited(before, { kind: "insert", at }, 0);
        const index = at % (length + 1);
        expectEqual(createPatch(before as Pod, after as Pod), [
          { op: "add", path: `/entries/${index}`, value: { name: "new-0", value: [] } },
        ]);
      }),
      RANDOM,
    );
  });
});

describe("a patch where a variable gives way to another", () => {
  it("replaces it as a whole, however little the two have in common", () => {
    const podWith = (variable: object): Pod => ({ spec: { containers: [{ name: "main", env: [variable] }] } }) as Pod;
    const before = podWith({ name: "TOKEN", valueFrom: { secretKeyRef: { name: "a", key: "b", optional: true } } });
    const ours = { name: "TOKEN", valueFrom: { secretKeyRef: { name: "c", key: "d" } } };
    const patch = createPatch(before, podWith(ours));
    expect(patch).toEqual([{ op: "replace", path: "/spec/containers/0/env/0", value: ours }]);
  });
});
