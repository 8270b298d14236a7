/** Env files of the fetcher in the hands of the kubelet's own code, and its double of `npm test` beside it. */
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

import { isFetchFailure } from "../../packages/secret-fetch/src/failure.ts";
import { envValue, formatEnvFile } from "../../packages/secret-fetch/src/volume/env-file.ts";
import { sampleTexts } from "../../packages/secret-fetch/test/volume/env-texts.ts";
import { readByKubelet } from "../../packages/secret-fetch/test/volume/kubelet-env-file.ts";
import { needing } from "../cluster/src/index.ts";
import { findGo, goSupport } from "../tools/go.ts";

interface Case {
  readonly file: string;
  readonly key: string;
}

type Read = { readonly value: string } | "refused" | "not there";

/** What the kubelet reads: an empty value is one that is not there (kubelet_pods.go). */
function readAll(cases: readonly Case[]): readonly Read[] {
  const folder = mkdtempSync(join(tmpdir(), "pod-secrets-go-"));
  try {
    const module = join(import.meta.dirname, "../cluster/go");
    for (const file of ["go.mod", "go.sum"]) copyFileSync(join(module, file), join(folder, file));
    copyFileSync(join(import.meta.dirname, "go/env-file.go"), join(folder, "main.go"));
    const input = cases.map(({ file, key }) => JSON.stringify({ file: Buffer.from(file).toString("base64"), key }));
    const { status, stdout, stderr } = spawnSync(findGo() ?? "go", ["run", "-mod=mod", "."], {
      cwd: folder,
      input: input.join("\n"),
      encoding: "utf8",
      maxBuffer: 1 << 28,
    });
    if (status !== 0) throw new Error(`go run: exit code ${status}\n${stderr}`);
    return stdout.trimEnd().split("\n").map(readAnswer);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function readAnswer(line: string): Read {
  const { value, refused } = JSON.parse(line) as { value: string | null; refused: boolean };
  if (refused) return "refused";
  const text = Buffer.from(value ?? "", "base64").toString();
  return text === "" ? "not there" : { value: text };
}

function readByDouble({ file, key }: Case): Read {
  try {
    const value = readByKubelet(file, key);
    return value === undefined ? "not there" : { value };
  } catch {
    return "refused";
  }
}

function accepted(text: string): boolean {
  try {
    return envValue("A", new TextEncoder().encode(text)) === text;
  } catch (error) {
    if (isFetchFailure(error)) return false;
    throw error;
  }
}

describe("the kubelet", needing(goSupport("there is no Go to run the kubelet's code")), () => {
  test("reads every value that the fetcher writes, and reads it as it was", { timeout: 600_000 }, () => {
    const edges = ["x".repeat(65_530), "#", " ", "\n", "\r", "a\rb", "\ufeff", "line\n".repeat(20_000)];
    const values = [...edges, ...sampleTexts(3000)].filter(accepted);
    const cases = values.map((value) => ({
      file: formatEnvFile([
        { key: "B", value: "b" },
        { key: "A", value },
      ]),
      key: "A",
    }));
    expect(values.length).toBeGreaterThan(1000);
    expect(readAll(cases)).toEqual(values.map((value) => ({ value })));
  });

  test("and its double agree about any file", { timeout: 600_000 }, () => {
    const files = sampleTexts(5000).map((tail, index) => (index % 2 === 0 ? `A='${tail}` : tail));
    const lines = [65_534, 65_535, 65_536, 65_537].map((length) => `A='${"x".repeat(length - 4)}'`);
    const cases = [...files, ...lines, ...lines.map((line) => `${line}\n`)].map((file) => ({ file, key: "A" }));
    const reads = readAll(cases);
    expect(cases.map(readByDouble)).toEqual(reads);
    for (const kind of ["refused", "not there"])
      expect(reads.filter((read) => read === kind).length).toBeGreaterThan(100);
  });
});
