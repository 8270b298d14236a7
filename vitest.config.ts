import { existsSync, globSync } from "node:fs";
import { availableParallelism } from "node:os";
import { basename } from "node:path";
import { defineConfig } from "vitest/config";

// Tests read the sources of every package through this condition of "exports": no build is needed.
const conditions = ["@pod-secrets/source"];

const folders = globSync(["packages/*", "apps/*", "scripts", "bench"], { cwd: import.meta.dirname })
  .filter((folder) => existsSync(`${import.meta.dirname}/${folder}/test`))
  .toSorted();

export default defineConfig({
  test: {
    // By default one processor is left for Vitest itself, which needs little of it: half of a machine with two.
    maxWorkers: availableParallelism(),
    projects: folders.map((folder) => ({
      extends: true as const,
      root: folder,
      // A project does not inherit "resolve" from the root.
      resolve: { conditions },
      ssr: { resolve: { conditions } },
      test: {
        name: basename(folder),
        // A slow machine is no fault of the code; what hangs still ends.
        testTimeout: 60_000,
        hookTimeout: 60_000,
        expect: { poll: { timeout: 20_000 } },
        include: ["test/**/*.test.ts"],
        benchmark: { include: ["test/**/*.bench.ts"] },
      },
    })),
    coverage: {
      provider: "v8",
      include: ["packages/*/src/**/*.ts", "apps/*/src/**/*.ts"],
      // Also of a run with failed tests: one cause must not hide the other.
      reportOnFailure: true,
      reporter: ["text-summary", "json-summary", "html"],
      thresholds: {
        "packages/*/src/**": { lines: 90 },
        // What keeps certificate and registration in a cluster is tested in one, by `npm run e2e`, and what is tested
        // as a process is not seen either.
        "apps/*/src/**": { lines: 84 },
      },
    },
  },
});
