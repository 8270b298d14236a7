/** The container's program, run with the env of the container: it takes what the pod has. */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Pod } from "@pod-secrets/core";
import { afterEach, beforeEach, expect, test } from "vitest";

import { admitted, fetcherOf, fileManager, podAsking } from "./admission.ts";

const PROGRAM = join(import.meta.dirname, "../../secret-fetch/src/main.ts");

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), "pod-secrets-fetch-container-"))));
afterEach(() => rmSync(folder, { recursive: true }));

/** Env as the kubelet hands it over, but for the volume, which is a folder of the test. */
function runFetcher(pod: Pod, volume: string): { readonly status: number | null; readonly stderr: string } {
  const parts = (fetcherOf(pod).env ?? []).map(({ name, value = "" }) => [
    name,
    value.replace('"/run/pod-secrets"', JSON.stringify(volume)),
  ]);
  return spawnSync(process.execPath, ["--conditions=@pod-secrets/source", PROGRAM], {
    env: Object.fromEntries(parts) as Record<string, string>,
    encoding: "utf8",
  });
}

test("brings the files of all managers to where the task looks", async () => {
  const asks = ["a", "b"].flatMap((groupVersion) =>
    ["Password", 'o"d$(HOME) ü'].map((key) => ({ group: `Group-${groupVersion}`, key, groupVersion })),
  );
  for (const { group, key } of asks) {
    mkdirSync(join(folder, group), { recursive: true });
    writeFileSync(join(folder, group, key), `value of ${key}`);
  }
  const pod = await admitted(podAsking(asks), [fileManager("a", folder), fileManager("b", folder)]);
  const volume = join(folder, "volume");
  mkdirSync(volume);
  expect(runFetcher(pod, volume)).toMatchObject({ status: 0, stderr: expect.stringContaining("4 secrets") });
  for (const { group, key } of asks) {
    const file = join(volume, group.toLowerCase(), key.toLowerCase());
    expect(readFileSync(file, "utf8")).toBe(`value of ${key}`);
    // Whoever the task runs as can read it.
    expect(statSync(file).mode & 0o777).toBe(0o444);
  }
});

test("says which secret is not there, by the name that the pod's author gave it", async () => {
  const pod = await admitted(podAsking([{ group: "Group", key: "Password", groupVersion: "a" }]), [
    fileManager("a", folder),
  ]);
  const { status, stderr } = runFetcher(pod, folder);
  expect(stderr).toContain('fetch/not-found: secret "Group/Password" from a (file)');
  expect(status).toBe(13);
});
