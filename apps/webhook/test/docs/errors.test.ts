import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

import { errorsDocument, errorSections } from "../../src/documents/errors-document.ts";

const root = join(import.meta.dirname, "../../../..");
const rows = errorSections().flatMap(({ entries }) => entries);
const codes = new Set(rows.map(({ code }) => code));

/** Sources of everything that is shipped, without the tables themselves. */
const sources = globSync(["packages/*/src/**/*.ts", "apps/*/src/**/*.ts"], { cwd: root }).map(
  (file) => [file, readFileSync(join(root, file), "utf8")] as const,
);

/** What looks like a code of ours in a string or as the key of a table: `E_USAGE`, `W_CONFIG_UNUSED`. */
const OWN_CODE = /\b[EW]_[A-Z]{3,}(?:_[A-Z]+)*\b/g;

/** What looks like a code of an injector: `"global/directory-unreadable"`. */
function injectorCodes(text: string): readonly string[] {
  const names = [...codes].filter((code) => code.includes("/")).map((code) => code.slice(0, code.indexOf("/")));
  return [...text.matchAll(new RegExp(`"((?:${[...new Set(names)].join("|")})/[a-z-]+)"`, "g"))].flatMap(
    ([, code]) => code ?? [],
  );
}

describe("docs/errors.md", () => {
  it("is generated from the tables of errors (to update it: npm run schema)", () => {
    expect(readFileSync(join(root, "docs/errors.md"), "utf8")).toBe(errorsDocument());
  });

  it("has each code once, with a summary, a reason and a fix that end as sentences", () => {
    expect(rows).toHaveLength(codes.size);
    const incomplete = rows.filter(
      ({ summary, why, fix }) => !/^\S.*[^.]$/.test(summary) || ![why, fix].every((text) => /^\S.*\.$/.test(text)),
    );

    expect(incomplete.map(({ code }) => code)).toEqual([]);
  });

  it("has every code that a source names", () => {
    const unknown = sources.flatMap(([file, text]) =>
      [...(text.match(OWN_CODE) ?? []), ...injectorCodes(text)]
        .filter((code) => !codes.has(code))
        .map((code) => `${file}: ${code}`),
    );

    expect(unknown).toEqual([]);
  });

  it("has no code that no source uses", () => {
    const used = sources
      .filter(([file]) => !file.endsWith("/errors.ts"))
      .map(([, text]) => text)
      .join("\n");
    const unused = [...codes].filter((code) => !mentions(code).some((mention) => used.includes(mention)));

    expect(unused).toEqual([]);
  });
});

/** How sources name a code: as text, or as a key of its table. A Vault injector names the part after its own name. */
function mentions(code: string): readonly string[] {
  return [`"${code}"`, `"${code.slice(code.indexOf("/") + 1)}"`, `ERRORS.${code}`, `: ${code}: `];
}
