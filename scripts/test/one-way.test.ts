/** The parts of a source folder, its files and folders, import each other one way only. */
import { globSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { describe, expect, test } from "vitest";

const root = join(import.meta.dirname, "../..");

type Imports = ReadonlyMap<string, ReadonlySet<string>>;

/** Which part imports which; of types, too. */
function importsIn(folder: string): Imports {
  const imports = new Map<string, Set<string>>();
  for (const file of globSync("**/*.ts", { cwd: join(root, folder) })) {
    const from = partOf(file);
    const known = imports.get(from) ?? new Set();
    imports.set(from, known);
    for (const [, path = ""] of readFileSync(join(root, folder, file), "utf8").matchAll(IMPORT)) {
      const to = partOf(normalize(join(dirname(file), path)));
      if (to !== from && to !== "..") known.add(to);
    }
  }
  return imports;
}

const IMPORT = /(?:\bfrom|\bimport\()\s*"(\.[^"]+)"/g;

function partOf(path: string): string {
  return path.split("/", 1)[0] ?? path;
}

/** The parts that are left when those that import none of the others are taken away, again and again. */
function circles(imports: Imports): readonly string[] {
  const left = new Map(imports);
  for (let size = -1; size !== left.size;) {
    size = left.size;
    for (const [part, others] of left) if (![...others].some((other) => left.has(other))) left.delete(part);
  }
  return [...left.keys()];
}

describe.each(["packages/core/src", "packages/vault-agent/src", "packages/injector-testkit/src", "apps/webhook/src"])(
  "%s",
  (folder) => {
    test("has no part that imports one which needs it", () => {
      const imports = importsIn(folder);
      expect(imports.size).toBeGreaterThan(5);
      expect(circles(imports)).toEqual([]);
    });
  },
);

test("a circle is seen, and so is who needs it", () => {
  const imports = new Map([
    ["a", new Set(["b"])],
    ["b", new Set(["c", "ground"])],
    ["c", new Set(["b"])],
    ["ground", new Set<string>()],
  ]);
  expect(circles(imports)).toEqual(["a", "b", "c"]);
});
