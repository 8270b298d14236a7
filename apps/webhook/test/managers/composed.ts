/** Built-in managers, composed as the webhook composes them. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { Mutation, MutationSettings, Pod } from "@pod-secrets/core";
import { mutatePod } from "@pod-secrets/core";
import { testHost } from "@pod-secrets/injector-testkit";

import type { Composition } from "../../src/compose/composition.ts";
import { composeFile } from "../../src/compose/from-file.ts";

/** Composes a config file. @throws Error with the findings when there are any */
export async function composedFrom(file: string): Promise<Composition> {
  const composed = await composeFile(file, testHost().log);
  if (!composed.ok) throw new Error(JSON.stringify(composed.problems));
  return composed.composition;
}

/** Composes the YAML of a config. */
export async function composedOf(yaml: string): Promise<Composition> {
  const folder = mkdtempSync(join(tmpdir(), "managers-"));
  try {
    writeFileSync(join(folder, "config.yaml"), yaml);
    return await composedFrom(join(folder, "config.yaml"));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** One admission. */
export function admitted(pod: Pod, settings: MutationSettings): Promise<Mutation> {
  const facts = { namespace: pod.metadata?.namespace ?? "default", dryRun: false, deadline: Date.now() + 60_000 };
  return mutatePod(pod, facts, settings);
}
