/** Tests against a real Kubernetes: they take minutes, and are no part of `npm test`. */
import { existsSync, globSync } from "node:fs";
import { defineConfig } from "vitest/config";

const conditions = ["@pod-secrets/source"];

const folders = globSync("*", { cwd: import.meta.dirname })
  .filter((folder) => existsSync(`${import.meta.dirname}/${folder}/test`))
  .toSorted();

export default defineConfig({
  root: import.meta.dirname,
  test: {
    projects: folders.map((folder) => ({
      extends: true as const,
      root: folder,
      // A project does not inherit "resolve" from the root.
      resolve: { conditions },
      ssr: { resolve: { conditions } },
      test: {
        name: folder,
        // A cluster starts in seconds, or in half a minute on a busy machine.
        testTimeout: 240_000,
        hookTimeout: 240_000,
        include: ["test/**/*.test.ts"],
      },
    })),
  },
});
