/** Go's text/template, which is what the Vault agent renders files with. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";

/** A template, and the secret that Vault has. */
export interface Rendering {
  readonly template: string;
  /** Version of the key-value store whose shape the secret has. */
  readonly version: 1 | 2;
  readonly data: Readonly<Record<string, unknown>>;
  /** Whether a missing field is an error: `error-on-missing-key`. */
  readonly strict: boolean;
}

/** What became of it. */
export interface Rendered {
  readonly output: string;
  /** Empty when the file was written. */
  readonly error: string;
  /** The parsed template, with `S` for every string. */
  readonly shape: string;
  /** Those strings, as Go reads them. */
  readonly texts: readonly string[];
  /** Path and query that the agent asks Vault for, and how often. */
  readonly path: string;
  readonly query: string;
  readonly reads: number;
}

/** Whether this machine has Go. */
export function hasGo(): boolean {
  return spawnSync("go", ["version"]).status === 0;
}

/** Renders all of them in one run of Go. It downloads nothing: the program needs the standard library only. */
export function renderAll(renderings: readonly Rendering[]): readonly Rendered[] {
  const { status, stdout, stderr, error } = spawnSync("go", ["run", join(import.meta.dirname, "go", "main.go")], {
    input: renderings.map((rendering) => JSON.stringify(rendering)).join("\n"),
    encoding: "utf8",
    maxBuffer: 1 << 28,
    env: { ...process.env, GOFLAGS: "-mod=mod", GOPROXY: "off", GOTOOLCHAIN: "local" },
  });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`go run: exit code ${status}\n${stderr}`);
  return stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Rendered);
}
