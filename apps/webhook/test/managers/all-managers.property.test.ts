/**
 * All built-in managers at once, in several orders and with several options, under both profiles: whatever a pod asks
 * for, what comes out is a valid pod, the user's part of it is as it was, and calling again changes nothing.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";

import { decodeRequests, type Mutation, type MutationSettings, type Pod, type SecretAsk } from "@pod-secrets/core";
import { asReinvoked, propertyRuns, propertySeed } from "@pod-secrets/injector-testkit";
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";

import type { Composition } from "../../src/compose/composition.ts";
import { arbitraryAskingPod, arbitraryEarlierAsks, asking } from "./asks.ts";
import { admitted, composedOf } from "./composed.ts";
import { arbitraryJoining, type Joining } from "./joining.ts";
import { changesOfUserParts, countThings, patched } from "./pod-changes.ts";
import { podFaults } from "./pod-rules.ts";

/** Tries of the property, unless told otherwise. */
const DEFAULT_RUNS = (process.env["CI"] ?? "") === "" ? 1000 : 10_000;
const RUNS = (process.env["POD_SECRETS_PROPERTY_RUNS"] ?? "") === "" ? DEFAULT_RUNS : propertyRuns();

const secrets = mkdtempSync(join(tmpdir(), "global-secrets-"));
for (const [group, key, value] of [
  ["shared", "password", "from a file"],
  ["team", "token", "$(HOME) $$ \n\"'\\ ü"],
  ["shared", "Empty", ""],
  ["unreadable", "token", "a\0b"],
] as const) {
  mkdirSync(join(secrets, group), { recursive: true });
  writeFileSync(join(secrets, group, key), value);
}
process.env["MANAGERS_TEST_SHARED_TOKEN"] = "from an env var";

const GLOBAL = `global: { envPrefix: MANAGERS_TEST_, directory: ${secrets} }`;
const CONFIGS: readonly string[] = [
  `${GLOBAL}
managers: [{ use: vault-kv1 }, { use: vault-kv2, options: { unversioned: false } }, { use: vault-db }, { use: k8s }, { use: aws }]`,
  `${GLOBAL}
managers: [{ use: aws }, { use: k8s }, { use: vault-db }, { use: vault-kv2 }, { use: vault-kv1 }]`,
  `global: false
mountRoot: /secrets
envPrefix: X_
managers:
  - use: k8s
    options: { missing: hold }
  - { use: vault-kv2, options: { fileCase: preserve, role: team } }
  - { use: aws, options: { position: first } }`,
  `${GLOBAL}
managers:
  - use: vault-kv1
    options: { unversioned: true, errorOnMissingKey: false, annotations: { vault.hashicorp.com/namespace: eng } }
  - use: aws
    options:
      image: example.com/puller:1
      resources: { requests: { cpu: 1000m, memory: 1024Mi } }
      securityContext: { runAsNonRoot: true, runAsUser: 1000, allowPrivilegeEscalation: false }
  - use: k8s`,
  `${GLOBAL}
managers:
  - { use: aws, options: { mode: fetch, fetcher: { image: example.com/fetch:1, sizeLimit: 1024Mi } } }
  - use: k8s
  - use: confidant
    options: { url: https://c.example, auth: { key: alias/a, to: c }, fetcher: { image: example.com/fetch:1 } }
  - { use: vault-kv2, options: { unversioned: false } }`,
  `${GLOBAL}
managers:
  - { use: k8s, options: { missing: hold } }
  - use: aws
    options: { mode: fetch, fetcher: { image: example.com/fetch:1, envVars: fileKeyRef } }
  - use: confidant
    options:
      url: https://c.example
      auth: { key: alias/a, to: c }
      fetcher: { image: example.com/another:1, envVars: fileKeyRef, refresh: { seconds: 60 } }`,
  `${GLOBAL}
managers: [{ use: azure }, { use: gcp, options: { position: first } }, { use: k8s }]`,
  `${GLOBAL}
managers:
  - use: azure
    options: { mode: fetch, fetcher: { image: example.com/fetch:1, envVars: fileKeyRef } }
  - use: gcp
    options: { mode: fetch, fetcher: { image: example.com/fetch:1, envVars: fileKeyRef }, settings: { project: my-project } }
  - { use: aws, options: { mode: fetch, fetcher: { image: example.com/fetch:1 } } }
  - use: k8s`,
  `${GLOBAL}
managers: [{ use: k8s }]`,
];

interface Composed {
  readonly one: Composition;
  /** The same once more, as on another replica. */
  readonly other: Composition;
}

/** By a name that says which one failed. */
const composed: ReadonlyMap<string, Composed> = new Map(
  await Promise.all(
    CONFIGS.flatMap((config, at) =>
      ["flyte-v1", "flyte-v2"].map(async (profile) => {
        const yaml = `profile: ${profile}\n${config}\n`;
        return [`config ${at} of ${profile}`, { one: await composedOf(yaml), other: await composedOf(yaml) }] as const;
      }),
    ),
  ),
);

afterAll(async () => {
  await Promise.all([...composed.values()].flatMap(({ one, other }) => [one.dispose(), other.dispose()]));
  delete process.env["MANAGERS_TEST_SHARED_TOKEN"];
  rmSync(secrets, { recursive: true });
});

type Json = Readonly<Record<string, unknown>>;

function json(pod: Pod): Json {
  return JSON.parse(JSON.stringify(pod)) as Json;
}

test(
  "a pod with any secrets of any managers is refused, or valid, complete, the user's own, and final",
  { timeout: 300_000 },
  async () => {
    const outcomes = { changed: 0, unchanged: 0, refused: 0 };
    const givenBy = new Set<string>();
    const property = fc.asyncProperty(
      fc.constantFrom(...composed.keys()),
      arbitraryAskingPod(),
      arbitraryEarlierAsks(),
      arbitraryJoining(),
      async (name, asked, earlier, joining) => {
        const { one, other } = composed.get(name) as Composed;
        const pod = await copied(asked, earlier, one.settings);
        const text = JSON.stringify(pod);
        const mutation = await admitted(pod, one.settings);
        expect(JSON.stringify(pod)).toBe(text);
        expect(JSON.stringify(await admitted(JSON.parse(text) as Pod, other.settings))).toBe(JSON.stringify(mutation));
        outcomes[mutation.outcome]++;
        if (mutation.outcome === "refused") return checkRefused(mutation);
        checkPod(pod, mutation, one.settings.profile.envPlacement === "prepend");
        expectUnchanged(await admitted(asReinvoked(mutation.pod), one.settings));
        // What the pod announces by itself may clash with the rest of it: the API server refuses it then.
        const alone = json(asReinvoked(joining.join(pod)));
        if (podFaults(alone, alone).length === 0) await checkJoined(mutation.pod, joining, one.settings);
        for (const decision of mutation.decisions) if (decision.outcome === "injected") givenBy.add(decision.injector);
      },
    );
    await fc.assert(property, { numRuns: RUNS, ...seed() });
    // Else nothing much was tried.
    expect(outcomes.changed).toBeGreaterThan(RUNS / 5);
    expect(outcomes.refused).toBeGreaterThan(RUNS / 20);
    if (RUNS >= 500)
      expect([...givenBy].toSorted()).toEqual([
        "aws",
        "azure",
        "confidant",
        "gcp",
        "global",
        "k8s",
        "vault-db",
        "vault-kv1",
        "vault-kv2",
      ]);
  },
);

function seed(): { readonly seed?: number } {
  const fixed = propertySeed();
  return fixed === undefined ? {} : { seed: fixed };
}

type Refused = Extract<Mutation, { outcome: "refused" }>;

function checkRefused({ code, message }: Refused): void {
  expect(Buffer.byteLength(message)).toBeLessThanOrEqual(1000);
  expect(message).toMatch(/^[^\p{Cc}]+$/u);
  expect(message).toContain(code);
}

/** A pod written after one that was admitted with other secrets, as whoever copies a manifest has it. */
async function copied(pod: Pod, earlier: readonly SecretAsk[] | undefined, settings: MutationSettings): Promise<Pod> {
  if (earlier === undefined) return pod;
  const mutation = await admitted(asking(pod, earlier), settings);
  if (mutation.outcome === "refused") return pod;
  return asking(asReinvoked(mutation.pod), decodeRequests(pod.metadata?.annotations));
}

/** Containers that joined in between get what the others have, and nothing else is left to do. */
async function checkJoined(pod: Pod, joining: Joining, settings: MutationSettings): Promise<void> {
  const { names } = joining;
  const joined = asReinvoked(joining.join(asReinvoked(pod)));
  const again = await admitted(joined, settings);
  if (again.outcome === "refused") throw new Error(`refused after ${names.join(", ")} joined: ${again.message}`);
  if (again.outcome === "unchanged") return;
  checkPod(joined, again, settings.profile.envPlacement === "prepend");
  const before = new Map(containersOf(joined));
  const changed = containersOf(again.pod).filter(([name, text]) => before.get(name) !== text);
  expect(changed.map(([name]) => name).filter((name) => !names.includes(name))).toEqual([]);
  expect(JSON.stringify({ ...again.pod.spec, initContainers: 0, containers: 0 })).toBe(
    JSON.stringify({ ...joined.spec, initContainers: 0, containers: 0 }),
  );
  expectUnchanged(await admitted(asReinvoked(again.pod), settings));
}

function containersOf({ spec }: Pod): readonly (readonly [name: string, text: string])[] {
  const all = [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])];
  return all.map((container) => [container.name, JSON.stringify(container)]);
}

function expectUnchanged(mutation: Mutation): void {
  if (mutation.outcome === "refused") throw new Error(`the second call is refused: ${mutation.message}`);
  if (mutation.outcome === "changed") throw new Error(`the second call patches: ${JSON.stringify(mutation.patch)}`);
}

function checkPod(pod: Pod, mutation: Exclude<Mutation, Refused>, replaces: boolean): void {
  const before = json(pod);
  const after = json(mutation.pod);
  expect(podFaults(before, after)).toEqual([]);
  expect(changesOfUserParts(before, after, replaces)).toEqual([]);
  const patch = mutation.outcome === "changed" ? mutation.patch : [];
  const operations = JSON.parse(JSON.stringify(patch)) as typeof patch;
  expect(isDeepStrictEqual(patched(before, operations), after)).toBe(true);
  expect(patch.length).toBeLessThanOrEqual(countThings(before, after));
}
