import { describe, expect, it } from "vitest";

import { citedTests, faultsOf, tableUnder, textOf } from "./documents.ts";

const document = textOf("docs/coverage.md");
const done = tableUnder(document, "True so far");
const open = tableUnder(document, "Not yet");

function numbered(letter: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `${letter}${index + 1}`);
}

describe("docs/coverage.md", () => {
  it("has each row once, in order", () => {
    const names = (rows: typeof done): readonly string[] => rows.map(([name = ""]) => name);
    const all = [...numbered("A", 18), ...numbered("B", 11)];

    expect([...names(done), ...names(open)].toSorted()).toEqual(all.toSorted());
    for (const rows of [done, open]) expect(names(rows)).toEqual(all.filter((name) => names(rows).includes(name)));
  });

  it("names, for what is true, a test that is there", () => {
    expect(done.flatMap(([, , test = ""]) => faultsOf(test))).toEqual([]);
  });

  it("says what is missing, and names no test that is not there", () => {
    expect(open.filter(([, missing = ""]) => missing === "")).toEqual([]);
    expect(open.flatMap(([, , there = ""]) => (citedTests(there).length > 0 ? faultsOf(there) : []))).toEqual([]);
  });
});
