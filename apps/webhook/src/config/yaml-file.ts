/** One YAML text -> plain data, and where each piece of it stands. */
import { LineCounter, parseDocument } from "yaml";

import { TOO_DEEP, isTooDeep, shallowTokens } from "./nesting.ts";
import { dotted, type Locate, type Position, type Problem } from "./problems.ts";
import { YamlFault, checkAliases, checkSize, parserFault } from "./yaml-limits.ts";
import { offsetOf } from "./yaml-places.ts";
import { firstOf, parserProblem, syntaxProblem } from "./yaml-problems.ts";

export interface YamlFile {
  readonly file: string;
  /** Plain data; undefined when it could not be read. */
  readonly value: unknown;
  readonly problems: readonly Problem[];
  /** Whether the syntax is so wrong that the value means little. */
  readonly broken: boolean;
  readonly locate: Locate;
}

/** Reads one document by the core schema of YAML 1.2. Never throws. */
export function parseYamlFile(file: string, text: string): YamlFile {
  const lines = new LineCounter();
  const position = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { file, line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  try {
    return readDocument(file, text, lines, position);
  } catch (error) {
    const fault = error instanceof YamlFault ? error : parserFault(error);
    return {
      file,
      value: undefined,
      problems: [syntaxProblem(fault.message, position(fault.offset))],
      broken: true,
      locate: (path) => ({ file, line: 1, column: 1, path: dotted(path) }),
    };
  }
}

/** @throws YamlFault, or whatever the parser throws */
function readDocument(
  file: string,
  text: string,
  lines: LineCounter,
  position: (offset: number) => Position,
): YamlFile {
  // Run to its end for its check; the parser below makes its own tokens.
  Array.from(shallowTokens(text, lines.addNewLine));
  checkAliases(text);
  const document = parseDocument(text, { schema: "core", uniqueKeys: true, prettyErrors: false, logLevel: "error" });
  const findings = [...document.errors, ...document.warnings];
  const problems = findings.map((finding) => parserProblem(finding, text, position(finding.pos[0])));
  const locate: Locate = (path, part = "value") => ({
    ...position(offsetOf(document, path, part)),
    path: dotted(path),
  });
  // A key that is there twice leaves the rest legible.
  const broken = findings.some(({ code }) => code !== "DUPLICATE_KEY");
  if (broken) return { file, value: undefined, problems: firstOf(problems), broken, locate };
  checkSize(document);
  const value: unknown = document.toJS({ maxAliasCount: -1 });
  if (isTooDeep(value)) throw new YamlFault(TOO_DEEP, 0);
  return { file, value, problems, broken, locate };
}
