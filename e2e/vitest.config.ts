/** Tests against a real Kubernetes: they take minutes, and are no part of `npm test`. */
import { defineConfig } from "vitest/config";

const conditions = ["@pod-secrets/source"];

/** The kit itself, and the webhook in it. */
const PROJECTS = [
  { name: "cluster", root: "cluster" },
  { name: "e2e", root: "." },
];

export default defineConfig({
  root: import.meta.dirname,
  test: {
    // Each file has a cluster of its own, and loads it: two at once would disturb each other's figures.
    fileParallelism: false,
    projects: PROJECTS.map(({ name, root }) => ({
      extends: true as const,
      root,
      // A project does not inherit "resolve" from the root.
      resolve: { conditions },
      ssr: { resolve: { conditions } },
      test: {
        name,
        // A cluster starts in seconds, or in half a minute on a busy machine.
        testTimeout: 240_000,
        // On a new machine a hook also builds Helm or Vault.
        hookTimeout: 1_800_000,
        include: ["test/**/*.test.ts"],
      },
    })),
  },
});
