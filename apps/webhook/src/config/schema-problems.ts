/** What a schema says against a value -> problems. */
import { quoted, oneLine } from "@pod-secrets/core";
import type { StandardSchemaV1 } from "@standard-schema/spec";

import type { ConfigErrorCode } from "../errors.ts";
import { toFinding, type Finding } from "./finding.ts";
import { nearestName } from "./nearest-name.ts";
import type { Locate, Path, Place, Problem } from "./problems.ts";
import { keysAt } from "./schema-keys.ts";
import { kindOf, typeText } from "./type-words.ts";
import { boundsFix, counted, valueFix } from "./value-fixes.ts";

export interface Checked {
  readonly value: unknown;
  /** Where the value hangs in the config. */
  readonly path: Path;
  readonly schema: StandardSchemaV1;
  /** What its keys are called in messages. */
  readonly noun: "key" | "option";
  readonly locate: Locate;
}

/** The findings as problems, each with its place. */
export function schemaProblems(issues: readonly StandardSchemaV1.Issue[], checked: Checked): readonly Problem[] {
  return issues.map(toFinding).flatMap((finding) => problemsOf(finding, checked));
}

function problemsOf(finding: Finding, checked: Checked): readonly Problem[] {
  const path = [...checked.path, ...finding.path];
  if (finding.code === "unrecognized_keys") return finding.keys.map((key) => unknownKey(key, finding.path, checked));
  if (finding.code === "invalid_union") return alternativesOf(finding, checked);
  const actual = valueAt(checked.value, finding.path);
  if (actual === undefined && finding.code === "invalid_type") return [missingKey(path, finding, checked)];
  const [code, message, fix] = explain(finding, actual, checked);
  const place = checked.locate(path);
  return [{ ...place, code, message: `${nameOf(place, checked)} ${message}`, fix }];
}

function nameOf(place: Place, { noun }: Checked): string {
  return place.path === "" ? "the file" : `${noun} ${quoted(place.path, 255)}`;
}

function explain(finding: Finding, actual: unknown, checked: Checked): readonly [ConfigErrorCode, string, string] {
  if (finding.code === "invalid_type")
    return ["E_CONFIG_TYPE", `must be ${typeText(finding.expected)}, not ${kindOf(actual)}`, typeFix(finding, actual)];
  if (finding.code === "invalid_value") {
    const allowed = finding.values.map(String);
    const near = typeof actual === "string" ? nearestName(actual, allowed) : undefined;
    const fix = near === undefined ? `Write ${allowed.join(" or ")}.` : `Did you mean ${near}?`;
    return ["E_CONFIG_VALUE", `must be one of ${allowed.join(", ")}`, fix];
  }
  if ((finding.code === "too_small" || finding.code === "too_big") && !Number.isNaN(finding.limit))
    return ["E_CONFIG_VALUE", limitText(finding), boundsFix(finding, checked.schema)];
  const text = finding.message.replaceAll(/[.\s]+$/g, "");
  const code = checked.noun === "option" && finding.code === "" ? "E_CONFIG_OPTION" : "E_CONFIG_VALUE";
  return [code, verbFirst(oneLine(text, 300)), finding.fix || valueFix(finding.path, checked.schema)];
}

function limitText({ code, origin, limit }: Finding): string {
  const bound = `at ${code === "too_small" ? "least" : "most"} ${limit}`;
  if (origin === "string") return `must have ${bound} ${counted("character", limit)}`;
  return origin === "array" ? `must have ${bound} ${counted("entry", limit)}` : `must be ${bound}`;
}

function unknownKey(key: string, parent: Path, checked: Checked): Problem {
  const path = [...checked.path, ...parent, key];
  const known = keysAt(checked.schema, parent);
  const near = nearestName(key, known);
  const list = known.length === 0 ? "Remove it." : `Known here: ${known.join(", ")}.`;
  const around = checked.locate([...checked.path, ...parent]).path;
  const where = around === "" ? "" : ` in ${quoted(around, 255)}`;
  return {
    ...checked.locate(path, "key"),
    code: "E_CONFIG_UNKNOWN_KEY",
    message: `unknown ${checked.noun} ${quoted(key)}${where}`,
    fix: near === undefined ? list : `Did you mean ${near}? ${list}`,
  };
}

function missingKey(path: Path, finding: Finding, checked: Checked): Problem {
  const place = checked.locate(path);
  return {
    ...place,
    code: "E_CONFIG_MISSING",
    message: `${nameOf(place, checked)} is missing`,
    fix: `Add it; it is ${typeText(finding.expected)}.`,
  };
}

/** Of several forms, the one that the value comes nearest to tells the most: it fails deepest. */
function alternativesOf(finding: Finding, checked: Checked): readonly Problem[] {
  const shifted = finding.alternatives.map((issues) =>
    issues.map((issue) => ({ ...issue, path: [...finding.path, ...issue.path] })),
  );
  const deepest =
    shifted.find((issues) =>
      issues.every((issue) => issue.code !== "invalid_type" && issue.code !== "invalid_value"),
    ) ?? shifted.find((issues) => issues.some((issue) => issue.path.length > finding.path.length));
  if (deepest !== undefined) return deepest.flatMap((issue) => problemsOf(issue, checked));
  const forms = shifted.flatMap((issues) =>
    issues.map((issue) =>
      issue.code === "invalid_value" ? issue.values.map(String).join(" or ") : typeText(issue.expected),
    ),
  );
  const actual = valueAt(checked.value, finding.path);
  const place = checked.locate([...checked.path, ...finding.path]);
  return [
    {
      ...place,
      code: "E_CONFIG_TYPE",
      message: `${nameOf(place, checked)} must be ${[...new Set(forms)].join(" or ")}, not ${kindOf(actual)}`,
      fix: "Write it in one of these forms.",
    },
  ];
}

function valueAt(value: unknown, path: Path): unknown {
  let current = value;
  for (const step of path) {
    if (typeof current !== "object" || current === null || !Object.hasOwn(current, step)) return undefined;
    current = (current as Readonly<Record<string | number, unknown>>)[step];
  }
  return current;
}

function typeFix(finding: Finding, actual: unknown): string {
  if (finding.expected === "string" && (typeof actual === "number" || typeof actual === "boolean"))
    return "Put it in quotes.";
  if (finding.expected === "object" && typeof actual === "string" && isManagerEntry(finding.path))
    return `Write \`use: ${quoted(actual).slice(1, -1)}\`.`;
  if (typeof actual === "string" && isQuoted(actual, finding.expected)) return "Remove the quotes.";
  if (actual === null) return "Write a value, or remove the key.";
  return `Write ${typeText(finding.expected)}.`;
}

/** A text that without quotes would be what is expected: so it has some. */
function isQuoted(text: string, expected: string): boolean {
  if (expected === "boolean") return /^(true|false)$/i.test(text);
  return (expected === "number" || expected === "int") && /^[-+]?\d{1,20}(\.\d{1,20})?$/.test(text);
}

/** `- k8s` for `- use: k8s`. */
function isManagerEntry(path: Path): boolean {
  return path.length === 2 && path[0] === "managers";
}

/** "Invalid URL" -> "is invalid URL": the name of the key stands before it. */
function verbFirst(text: string): string {
  const lower = text.slice(0, 1).toLowerCase() + text.slice(1);
  return lower.startsWith("invalid ") ? `is ${lower}` : lower;
}
