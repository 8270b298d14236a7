/** Reads the documents of the repository, for tests that hold them to the sources. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

export const root: string = join(import.meta.dirname, "../../../..");

/** Text of a file of the repository. */
export function textOf(path: string): string {
  return readFileSync(join(root, path), "utf8");
}

/** Cells of the table under a heading of a document, row by row, without its head. */
export function tableUnder(document: string, heading: string): readonly (readonly string[])[] {
  const [, section] = document.split(`\n## ${heading}\n`);
  if (section === undefined) throw new Error(`there is no heading ${heading}`);
  return tablesIn(section.split("\n## ")[0] ?? "")[0] ?? [];
}

/** Cells of each table of a text. */
export function tablesIn(text: string): readonly (readonly (readonly string[])[])[] {
  return [...text.matchAll(/(?:^\|.*\|\n){3,}/gm)].map(([table]) => table.trimEnd().split("\n").slice(2).map(cellsOf));
}

function cellsOf(line: string): readonly string[] {
  return line
    .slice(1, -1)
    .split("|")
    .map((cell) => cell.trim());
}

/** What stands in backticks. */
export function codesIn(text: string): readonly string[] {
  return [...text.matchAll(/`([^`]+)`/g)].map(([, code = ""]) => code);
}

/** A test that a document names: `path/to/file.test.ts`: "title". */
export interface CitedTest {
  readonly file: string;
  readonly title: string;
}

export function citedTests(text: string): readonly CitedTest[] {
  return [...text.matchAll(/`([^`\s]+\.ts)`: "([^"]+)"/g)].map(([, file = "", title = ""]) => ({ file, title }));
}

/**
 * What is wrong with the tests that a text names: none at all, no such file, or no such title in it. A title is that of
 * a test or a group, of a check of the conformance suite, or of a golden vector that differs.
 */
export function faultsOf(text: string): readonly string[] {
  const cited = citedTests(text);
  if (cited.length === 0) return [`no test: ${text}`];
  return cited.flatMap(({ file, title }) => {
    if (!existsSync(join(root, file))) return [`no such file: ${file}`];
    return holdsTitle(textOf(file), title) ? [] : [`no such test in ${file}: ${title}`];
  });
}

function holdsTitle(source: string, title: string): boolean {
  const start = String.raw`(?:\b(?:test|it|describe)|\)|title:|because:)[(\s]\s*`;
  return ['"', "`", "'"].some((quote) => {
    const literal = (quote + title.replaceAll(quote, `\\${quote}`) + quote).replaceAll(
      /[.*+?^${}()|[\]\\/]/g,
      String.raw`\$&`,
    );
    return new RegExp(start + literal).test(source);
  });
}
