/** Golden vectors as vitest tests. */
import { isDeepStrictEqual } from "node:util";

import { describe, expect, test } from "vitest";

import {
  PROFILES,
  createNaming,
  runPipeline,
  type InjectorPlugin,
  type Pod,
  type SecretInjector,
} from "@pod-secrets/core";

import { injectionContext } from "./contexts.ts";
import { openInjector } from "./open-injector.ts";
import { withRequests } from "./requests.ts";
import {
  fillPlaceholders,
  hasAnnotations,
  hasGlobalSecrets,
  managersOf,
  normalisePod,
  profileOf,
  requestsOf,
  type MutationVector,
  type VectorConfig,
  type VectorFile,
  type VectorResult,
} from "./vectors.ts";

/** A vector that we deliberately do not follow. */
export interface Difference {
  /** Why, in one sentence. */
  readonly because: string;
  /** Checks what we do instead, with `expect`. */
  readonly instead: (result: VectorResult, vector: MutationVector) => void;
}

/** Which vectors to run, and how. */
export interface VectorSettings {
  /** Flyte's name of the manager: `K8s`, `AWS`, `Vault`, `Global`. */
  readonly manager: string;
  /** Narrows the choice further. By default all vectors of that manager alone, without global secrets. */
  readonly select?: (vector: MutationVector) => boolean;
  /** Options of the plugin for the configuration of a vector. `{}` when left out. */
  readonly options?: (config: VectorConfig) => unknown;
  /** Makes the injectors of a vector, where options are not enough. */
  readonly create?: (vector: MutationVector) => Promise<readonly SecretInjector[]>;
  /** Takes out of our pod what we add on purpose, everywhere. */
  readonly without?: (pod: Pod) => Pod;
  /** Vectors that we do not follow, by id. */
  readonly differs?: Readonly<Record<string, Difference>>;
}

/**
 * Runs the golden vectors of one manager: Flyte's pod and ours are the same, and where Flyte fails we do not
 * inject. A vector listed in `differs` must really differ.
 */
export function runVectors(plugin: InjectorPlugin, file: VectorFile, settings: VectorSettings): void {
  const { differs = {}, select = () => true } = settings;
  const chosen = file.vectors.filter((vector) => isAbout(vector, settings.manager, plugin) && select(vector));
  describe(`golden vectors of ${settings.manager}`, () => {
    test("there are some, and every listed difference is one of them", () => {
      expect(chosen.length).toBeGreaterThan(0);
      const ids = new Set(chosen.map(({ id }) => id));
      expect(Object.keys(differs).filter((id) => !ids.has(id))).toEqual([]);
    });
    for (const vector of chosen) {
      const difference = Object.hasOwn(differs, vector.id) ? differs[vector.id] : undefined;
      const title = difference === undefined ? vector.id : `${vector.id} differs: ${difference.because}`;
      // oxlint-disable-next-line vitest/expect-expect -- the functions below expect
      test(title, () => checkVector(plugin, vector, settings, difference));
    }
  });
}

function isAbout(vector: MutationVector, manager: string, { name }: InjectorPlugin): boolean {
  if (requestsOf(vector) === undefined) return false;
  const managers = managersOf(vector);
  if (managers.length !== 1 || managers[0] !== manager) return false;
  return name === "global" || manager === "Global" || !hasGlobalSecrets(vector);
}

async function checkVector(
  plugin: InjectorPlugin,
  vector: MutationVector,
  settings: VectorSettings,
  difference: Difference | undefined,
): Promise<void> {
  const result = await runVector(plugin, vector, settings);
  if (difference === undefined) {
    expectSame(vector, result);
  } else {
    expect(isFollowed(vector, result), "whether we do as Flyte does, in a vector that is listed as a difference").toBe(
      false,
    );
    difference.instead(result, vector);
  }
}

function isFollowed(vector: MutationVector, { pod, decisions }: VectorResult): boolean {
  const isRefused = decisions.some(({ outcome }) => outcome === "refused");
  if (vector.pod_out === undefined) return isRefused;
  return !isRefused && isDeepStrictEqual(pod, expectedPod(vector, pod));
}

function expectSame(vector: MutationVector, { pod, decisions }: VectorResult): void {
  const outcomes = decisions.map(({ outcome }) => outcome);
  if (vector.pod_out === undefined) {
    expect(outcomes).toContain("refused");
  } else {
    expect(decisions.filter(({ outcome }) => outcome === "refused")).toEqual([]);
    expect(pod).toEqual(expectedPod(vector, pod));
  }
}

function expectedPod(vector: MutationVector, ours: Pod): Pod {
  return fillPlaceholders(normalisePod(vector.pod_out), ours);
}

async function runVector(
  plugin: InjectorPlugin,
  vector: MutationVector,
  settings: VectorSettings,
): Promise<VectorResult> {
  const { create = defaultInjectors, without = (pod: Pod) => pod } = settings;
  const requests = requestsOf(vector) ?? [];
  const podIn = vector.pod_in as Pod;
  const pod = hasAnnotations(vector) ? withAnnotations(podIn, requests) : podIn;
  const profile = PROFILES[profileOf(vector)];
  const prefix = vector.config.secretEnvVarPrefix;
  const context = { ...injectionContext(pod), profile, naming: createNaming(profile, prefix) };
  const injectors = await create(vector);
  try {
    const result = await runPipeline(pod, requests, injectors, context);
    return { pod: normalisePod(without(result.pod)), decisions: result.decisions };
  } finally {
    await Promise.all(injectors.map(async (injector) => injector.dispose?.()));
  }

  async function defaultInjectors(): Promise<readonly SecretInjector[]> {
    return [await openInjector(plugin, settings.options?.(vector.config) ?? {})];
  }
}

/** Without the label: the vectors' pods do not carry it. */
function withAnnotations(pod: Pod, requests: NonNullable<ReturnType<typeof requestsOf>>): Pod {
  const annotations = withRequests(pod, requests).metadata?.annotations ?? {};
  return { ...pod, metadata: { ...pod.metadata, annotations } };
}
