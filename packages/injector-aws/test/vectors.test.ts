import { readFileSync } from "node:fs";

import {
  allContainers,
  normalisePod,
  runVectors,
  type Difference,
  type VectorFile,
} from "@pod-secrets/injector-testkit";
import { expect } from "vitest";

import plugin from "../src/index.ts";

const text = readFileSync(new URL("../../core/test/vectors/mutations.json", import.meta.url), "utf8");

const envVar: Difference = {
  because: "env_var is honoured in both profiles",
  instead: ({ pod }, { pod_out: podOut }) => {
    const path = { name: "MY_SECRET_VAR", value: "/etc/flyte/secrets/arn/name" };
    const expected = allContainers(normalisePod(podOut)).map(({ env = [] }) => [path, ...env]);
    expect(allContainers(pod).map(({ env }) => env)).toEqual(expected);
  },
};

runVectors(plugin, JSON.parse(text) as VectorFile, {
  manager: "AWS",
  differs: { "v2-aws-file-env-var-field": envVar },
});
