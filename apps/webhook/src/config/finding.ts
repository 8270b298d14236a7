/** What a schema finds wrong with a value: zod's findings in detail, those of any other library as far as they go. */
import { isJsonObject, oneLine } from "@pod-secrets/core";

import type { Path } from "./problems.ts";

/** The fields that are read here; in the findings of another library than zod each may be absent, and is empty then. */
export interface Finding {
  readonly message: string;
  readonly path: Path;
  readonly code: string;
  readonly keys: readonly string[];
  readonly expected: string;
  readonly values: readonly unknown[];
  readonly alternatives: readonly (readonly Finding[])[];
  /** Of a value that is too small or too big: what is counted. */
  readonly origin: string;
  /** How far it may go; `NaN` where nothing is counted. */
  readonly limit: number;
  /** What a check of ours says to do; empty where none does. */
  readonly fix: string;
}

/** @param issue an issue of Standard Schema */
export function toFinding(issue: unknown): Finding {
  const fields: Readonly<Record<string, unknown>> =
    typeof issue === "object" && issue !== null ? { ...issue } : { message: "is wrong" };
  const { message, path, code, keys, expected, values, errors, origin, params } = fields;
  const limit = fields["minimum"] ?? fields["maximum"];
  return {
    message: typeof message === "string" ? message : "is wrong",
    path: Array.isArray(path) ? path.map(stepOf) : [],
    code: typeof code === "string" ? code : "",
    keys: textList(keys),
    expected: typeof expected === "string" ? expected : "",
    values: Array.isArray(values) ? values : [],
    alternatives: Array.isArray(errors)
      ? errors.map((issues: unknown) => (Array.isArray(issues) ? issues.map(toFinding) : []))
      : [],
    origin: typeof origin === "string" ? origin : "",
    limit: typeof limit === "number" ? limit : Number.NaN,
    fix: isJsonObject(params) && typeof params["fix"] === "string" ? oneLine(params["fix"], 300) : "",
  };
}

function textList(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === "string") : [];
}

/** Standard Schema allows bare keys and `{ key }`. */
function stepOf(step: unknown): string | number {
  const key: unknown = typeof step === "object" && step !== null && "key" in step ? step.key : step;
  return typeof key === "number" ? key : String(key);
}
