import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";

import { composeFile } from "../../src/compose/from-file.ts";
import { createConfigFolder } from "../config/config-folder.ts";

const silent = { debug() {}, info() {}, warn() {}, error() {} };

/** Prints the packages that composing the default config loads. */
const TRACE = `
import { registerHooks } from "node:module";
const loaded = new Set();
registerHooks({ load: (url, context, next) => { loaded.add(url); return next(url, context); } });
const { composeFile } = await import(process.argv[1]);
const log = { debug() {}, info() {}, warn() {}, error() {} };
const result = await composeFile(undefined, log);
await result.composition.dispose();
const packages = [...loaded].flatMap((url) => /node_modules\\/((?:@[^/]+\\/)?[^/]+)\\/(?!.*node_modules)/.exec(url)?.[1] ?? []);
console.log(JSON.stringify([...new Set(packages)].sort()));
`;

describe("what it costs to get from a config to a composition", () => {
  it("loads no Kubernetes client, logger, metrics or certificate library", async () => {
    const entry = join(import.meta.dirname, "../../src/compose/from-file.ts");
    const args = ["--conditions=@pod-secrets/source", "--input-type=module", "--eval", TRACE, entry];
    const { stdout } = await promisify(execFile)(process.execPath, args);

    expect(JSON.parse(stdout)).toEqual([
      "@noble/hashes",
      "fast-json-patch",
      "reflect-metadata",
      "tslib",
      "tsyringe",
      "yaml",
      "zod",
    ]);
  });

  it("takes less than 20 ms after the imports, with Kubernetes Secrets alone", async () => {
    const file = createConfigFolder().write("config.yaml", "global: false\nmanagers: [{ use: k8s }]\n");
    const times: number[] = [];
    for (let run = 0; run < 15; run++) {
      const start = performance.now();
      const result = await composeFile(file, silent);
      times.push(performance.now() - start);
      if (result.ok) await result.composition.dispose();
    }

    // The quickest: what the code costs, not what else this machine does.
    expect(Math.min(...times)).toBeLessThan(20);
  });
});
