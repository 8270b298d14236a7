import { readFileSync } from "node:fs";

import { runVectors, type Difference, type VectorFile } from "@pod-secrets/injector-testkit";
import { expect } from "vitest";

import plugin from "../src/index.ts";

const text = readFileSync(new URL("../../core/test/vectors/mutations.json", import.meta.url), "utf8");

const metacharacters: Difference = {
  because: "no shell runs a name that Google Cloud does not take",
  instead: ({ pod, decisions }, { pod_in: podIn }) => {
    expect(pod).toEqual(podIn);
    expect(decisions).toMatchObject([
      {
        outcome: "refused",
        answers: [{ outcome: "skipped", reason: '"x; id" is no name of a secret in Google Cloud' }],
      },
    ]);
  },
};

runVectors(plugin, JSON.parse(text) as VectorFile, {
  manager: "GCP",
  differs: { "v1-gcp-shell-metacharacters": metacharacters, "v2-gcp-shell-metacharacters": metacharacters },
});
