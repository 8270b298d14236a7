import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const root = join(import.meta.dirname, "../..");
const oxlint = join(root, "node_modules/.bin/oxlint");

describe("the linter holds the layers apart", () => {
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "pod-secrets-layers-"));
    copyFileSync(join(root, ".oxlintrc.json"), join(folder, ".oxlintrc.json"));
    copyFileSync(join(root, "tsconfig.base.json"), join(folder, "tsconfig.json"));
    symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  });

  afterAll(() => rmSync(folder, { recursive: true }));

  /** What the linter holds against a line of code in a file of that path. */
  function complaints(path: string, code: string): string {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, `${code}\n`);
    const { stdout } = spawnSync(oxlint, ["-f", "unix", path], { cwd: folder, encoding: "utf8" });
    rmSync(file);
    return stdout;
  }

  const importing = (name: string): string => `import * as it from "${name}";\nexport const used = it;`;

  test.each([
    ["packages/core/src", "node:fs"],
    ["packages/core/src", "zod"],
    ["packages/core/src", "tsyringe"],
    ["packages/injector-x/src", "tsyringe"],
    ["packages/injector-x/src", "reflect-metadata"],
    ["packages/injector-x/src", "pino"],
    ["packages/injector-x/src", "prom-client"],
    ["apps/webhook/src/server", "tsyringe"],
  ])("%s may not import %s", (place, name) => {
    expect(complaints(`${place}/a.ts`, importing(name))).toContain(`'${name}' import is restricted`);
  });

  test.each([
    ["packages/injector-x/src", "zod"],
    ["packages/injector-x/src", "node:fs"],
    ["apps/webhook/src/compose", "tsyringe"],
    ["apps/webhook/src/telemetry", "pino"],
  ])("%s may import %s", (place, name) => {
    expect(complaints(`${place}/a.ts`, importing(name))).toBe("");
  });

  test("core may not use what only Node has", () => {
    expect(complaints("packages/core/src/a.ts", "export const home = process.cwd();")).toContain(
      "no-restricted-globals",
    );
  });

  test("a package may not write to the console", () => {
    expect(complaints("packages/injector-x/src/a.ts", 'console.log("a secret");')).toContain("no-console");
  });
});
