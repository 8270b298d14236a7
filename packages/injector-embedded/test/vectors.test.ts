/** Flyte v2's own vectors. Its script is left out of the comparison; files.test.ts runs ours. */
import { readFileSync } from "node:fs";

import type { Container, Pod } from "@pod-secrets/core";
import {
  openInjector,
  runVectors,
  type Difference,
  type VectorConfig,
  type VectorFile,
} from "@pod-secrets/injector-testkit";
import { expect } from "vitest";

import plugin from "../src/index.ts";
import { createMemoryStore, testOptions, withStore } from "./memory-store.ts";
import { unpackedFiles } from "./unpacked-files.ts";

const path = new URL("../../core/test/vectors/mutations.json", import.meta.url);
const file = JSON.parse(readFileSync(path, "utf8")) as VectorFile;

const DIFFERS: Readonly<Record<string, Difference>> = {
  "v2-embedded-env-org-scope-env-var": {
    because: "with env_var, too, the value is where flytekit looks",
    instead: ({ pod }) => expect(envNames(pod)).toEqual(["MY_VAR", "_UNION_SECRET1", "FLYTE_SECRETS_ENV_PREFIX"]),
  },
  "v2-embedded-two-files-env-var": {
    because: "each file has its env_var, and is in lower case as flytekit looks for it",
    instead: ({ pod }) => {
      expect(unpackedFiles(pod)).toEqual(["/etc/flyte/secrets/secret1", "/etc/flyte/secrets/secret2"]);
      const env = pod.spec?.containers?.[0]?.env ?? [];
      expect(env.filter(({ name }) => name === "ONE" || name === "TWO")).toEqual([
        { name: "TWO", value: "/etc/flyte/secrets/secret2" },
        { name: "ONE", value: "/etc/flyte/secrets/secret1" },
      ]);
    },
  },
  "v2-embedded-group-ignored": {
    because: "with a group, the value is where flytekit looks as well",
    instead: ({ pod }) =>
      expect(envNames(pod)).toEqual(["_UNION_SOME-GROUP_SECRET1", "_UNION_SECRET1", "FLYTE_SECRETS_ENV_PREFIX"]),
  },
};

runVectors(plugin, file, {
  manager: "Embedded",
  create: async ({ config }) => [await openInjector(withStore(createMemoryStore(secretsOf(config))), testOptions())],
  without: (pod) => withoutOurs(pod, file),
  differs: DIFFERS,
});

function secretsOf(config: VectorConfig): Readonly<Record<string, string | Uint8Array>> {
  const binary = Object.entries(config.backend_binary_secrets_base64 ?? {});
  return {
    ...config.backend_string_secrets,
    ...Object.fromEntries(binary.map(([name, text]) => [name, Buffer.from(text, "base64")])),
  };
}

function envNames({ spec }: Pod): readonly string[] {
  return (spec?.containers?.[0]?.env ?? []).map(({ name }) => name);
}

/** Flyte's script in the place of ours, and without what makes the container fit for `restricted`. */
function withoutOurs(pod: Pod, { vectors }: VectorFile): Pod {
  const flyte = vectors.find(({ id }) => id === "v2-embedded-file")?.pod_out as Pod;
  const command = flyte.spec?.initContainers?.[0]?.command;
  const initContainers = (pod.spec?.initContainers ?? []).map((container): Container => {
    const { securityContext: _, terminationMessagePolicy: __, ...rest } = container;
    return rest.name === "init-embedded-secret" && command !== undefined ? { ...rest, command } : container;
  });
  return pod.spec?.initContainers === undefined ? pod : { ...pod, spec: { ...pod.spec, initContainers } };
}
