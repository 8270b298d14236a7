/** What the parser finds wrong with a YAML text, as problems. */
import { quoted, oneLine } from "@pod-secrets/core";
import type { YAMLError } from "yaml";

import type { Position, Problem } from "./problems.ts";

/** A place that is no YAML. */
export function syntaxProblem(message: string, position: Position): Problem {
  return { ...position, path: "", code: "E_CONFIG_SYNTAX", message, fix: "Correct the YAML here." };
}

/** @param position where the finding stands in the text */
export function parserProblem(finding: YAMLError, text: string, position: Position): Problem {
  const problem = syntaxProblem(firstLine(finding.message), position);
  if (finding.code === "MULTIPLE_DOCS") return { ...problem, ...SECOND_DOCUMENT };
  if (finding.code !== "DUPLICATE_KEY") return problem;
  const key = keyText(text.slice(finding.pos[0]));
  return { ...problem, path: key, message: `key ${quoted(key)} is there twice`, fix: "Keep one of them." };
}

const SECOND_DOCUMENT = {
  message: "a second document starts here, and a config is one",
  fix: "Remove it, or put it into a file of its own.",
} as const;

/** Most places of one file that are no YAML. One mistake makes many, and a file of another kind hundreds. */
const MAX_SYNTAX_PROBLEMS = 20;

/** The first ones, and how many there are besides. */
export function firstOf(problems: readonly Problem[]): readonly Problem[] {
  const next = problems[MAX_SYNTAX_PROBLEMS];
  if (next === undefined) return problems;
  const message = `${problems.length - MAX_SYNTAX_PROBLEMS} more places are no YAML`;
  const fix = "Correct the first ones, or name the file that you mean.";
  return [...problems.slice(0, MAX_SYNTAX_PROBLEMS), { ...next, message, fix }];
}

/** The parser's texts end in a full stop or an excerpt now and then. */
function firstLine(message: string): string {
  const [line = ""] = message.split("\n", 1);
  return oneLine(line.replace(/[.:]$/, ""), 200);
}

/** The key that a text starts with. */
function keyText(text: string): string {
  return /^["']?([^"':\s,}]{0,100})/.exec(text)?.[1] ?? "";
}
