import { describe, expect, it } from "vitest";

import { citedTests, faultsOf, tableUnder } from "./documents.ts";

const self = "apps/webhook/test/docs/documents.test.ts";

describe("a test that a document names", () => {
  it("is found by its title, also one with `code` and $(signs)", () => {
    expect(faultsOf(`\`${self}\`: "is found by its title, also one with \`code\` and $(signs)"`)).toEqual([]);
    expect(faultsOf(`\`${self}\`: "a test that a document names"`)).toEqual([]);
  });

  it("is missed when the title is another, or only part of one, or no title", () => {
    for (const title of ["is found by its", "found by its title", "vitest", "is found by her title"])
      expect(faultsOf(`\`${self}\`: "${title}"`)).toEqual([`no such test in ${self}: ${title}`]);
  });

  it("is missed when its file is not there, or nothing is named", () => {
    expect(faultsOf('`apps/webhook/test/none.test.ts`: "x"')).toEqual(["no such file: apps/webhook/test/none.test.ts"]);
    expect(faultsOf("by hand")).toEqual(["no test: by hand"]);
  });

  it("may be one of several", () => {
    expect(citedTests('`a.test.ts`: "x"; `b.test.ts`: "y"')).toEqual([
      { file: "a.test.ts", title: "x" },
      { file: "b.test.ts", title: "y" },
    ]);
  });
});

describe("a table under a heading", () => {
  it("is read without its head", () => {
    const text =
      "# T\n\n## One\n\ntext\n\n| a | b |\n| --- | --- |\n| 1 | 2 |\n| 3 | |\n\n## Two\n\n| c |\n| - |\n| 5 |\n";
    expect(tableUnder(text, "One")).toEqual([
      ["1", "2"],
      ["3", ""],
    ]);
    expect(() => tableUnder(text, "Three")).toThrow("there is no heading Three");
  });
});
