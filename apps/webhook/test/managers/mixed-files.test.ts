/**
 * Secrets of different kinds of managers in one pod: whichever they are and in whatever order, the pod can have them
 * all, or is refused with what to do.
 */
import type { Mutation, Pod, SecretAsk, VolumeMount } from "@pod-secrets/core";
import { encodeRequests } from "@pod-secrets/core";
import { asReinvoked, testContainer, withVaultAgent } from "@pod-secrets/injector-testkit";
import { afterAll, describe, expect, test } from "vitest";

import { podAsking, withContainers } from "./asking.ts";
import { admitted, composedOf } from "./composed.ts";
import { podFaults } from "./pod-rules.ts";

const MANAGERS = `global: false
managers:
  - { use: vault-kv2, options: { unversioned: false } }
  - { use: k8s }
  - { use: confidant, options: { url: https://confidant.example.com, auth: { key: alias/authnz, to: confidant },
      fetcher: { image: example.com/fetch:1, envVars: fileKeyRef, refresh: {} } } }
  - { use: aws }`;
const compositions = await Promise.all(
  ["flyte-v1", "flyte-v2"].map((profile) => composedOf(`profile: ${profile}\n${MANAGERS}`)),
);
afterAll(() => Promise.all(compositions.map((composition) => composition.dispose())));

const K8S: SecretAsk = { group: "user-info", key: "name" };
const FETCHED: SecretAsk = { group: "Warehouse DB", key: "Password" };

/** By how their values get into a pod. */
const SECRETS = {
  "a file of Kubernetes": { ...K8S, mountRequirement: "FILE" },
  "an env var of Kubernetes": { ...K8S, mountRequirement: "ENV_VAR" },
  "a file of Vault": { group: "secret/data/app", key: "password", groupVersion: "kv2" },
  "a file of Flyte's sidecar": { group: "arn:aws:secretsmanager:us-east-2:123456789012:secret", key: "token" },
  "a fetched file": { ...FETCHED, mountRequirement: "FILE" },
  "a fetched env var": { ...FETCHED, key: "User", mountRequirement: "ENV_VAR" },
} satisfies Readonly<Record<string, SecretAsk>>;

type Kind = keyof typeof SECRETS;

/** Whose files fill the whole secrets directory, so that nobody else's can be in it. */
const FILLING: readonly Kind[] = ["a file of Flyte's sidecar", "a fetched file"];
const FILES: ReadonlySet<Kind> = new Set([...FILLING, "a file of Kubernetes", "a file of Vault"]);

function goTogether(kinds: readonly Kind[]): boolean {
  return kinds.filter((kind) => FILES.has(kind)).length < 2 || !kinds.some((kind) => FILLING.includes(kind));
}

/** All choices of some, in every order. */
function ordersOf<T>(list: readonly T[], count: number): readonly (readonly T[])[] {
  if (count === 0) return [[]];
  return list.flatMap((first) =>
    ordersOf(
      list.filter((other) => other !== first),
      count - 1,
    ).map((rest) => [first, ...rest]),
  );
}

function podOf(mutation: Mutation): Pod {
  if (mutation.outcome === "refused") throw new Error(mutation.message);
  return mutation.pod;
}

function asking(pod: Pod, kinds: readonly Kind[]): Pod {
  const annotations = { ...pod.metadata?.annotations, ...encodeRequests(kinds.map((kind) => SECRETS[kind])) };
  return { ...pod, metadata: { ...pod.metadata, annotations } };
}

const PLAIN = withContainers(podAsking(), [testContainer()], [testContainer({ name: "prepare" })]);

/** Mounts in one container that the runtime cannot make: it would need a directory on a volume that is read-only there. */
function impossibleMounts({ spec }: Pod): readonly string[] {
  const isBelow = (inner: VolumeMount, outer: VolumeMount): boolean =>
    outer.readOnly === true && inner.mountPath.startsWith(`${outer.mountPath}/`);
  return [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])].flatMap(({ volumeMounts = [] }) =>
    volumeMounts
      .filter((inner) => volumeMounts.some((outer) => isBelow(inner, outer)))
      .map(({ mountPath }) => mountPath),
  );
}

const json = (pod: Pod) => JSON.parse(JSON.stringify(pod)) as Readonly<Record<string, unknown>>;

describe.each(compositions.map(({ settings }) => [settings.profile.name, settings] as const))(
  "under %s",
  (_name, settings) => {
    const kinds = Object.keys(SECRETS) as Kind[];
    const mixtures = [2, 3].flatMap((count) => ordersOf(kinds, count));

    test.each(mixtures.filter(goTogether).map((mixture) => [mixture.join(", "), mixture] as const))(
      "a pod can have %s, and calling again changes nothing",
      async (_what, mixture) => {
        const asked = asking(PLAIN, mixture);
        const pod = podOf(await admitted(asked, settings));
        expect(podFaults(json(asked), json(pod))).toEqual([]);
        expect(impossibleMounts(pod)).toEqual([]);
        // With the containers and mounts that Vault's own webhook adds.
        const joined = podOf(await admitted(asReinvoked(withVaultAgent(pod)), settings));
        expect(impossibleMounts(joined)).toEqual([]);
        expect((await admitted(asReinvoked(joined), settings)).outcome).toBe("unchanged");
      },
    );

    test.each(
      mixtures.filter((mixture) => !goTogether(mixture)).map((mixture) => [mixture.join(", "), mixture] as const),
    )("a pod with %s is refused with what to do, also when a part of it was given before", async (_what, mixture) => {
      const refused = {
        outcome: "refused",
        code: "E_MOUNT_CONFLICT",
        message: expect.stringContaining("use one manager for all file secrets"),
      };
      expect(await admitted(asking(PLAIN, mixture), settings)).toMatchObject(refused);
      const some = await admitted(asking(PLAIN, mixture.slice(0, -1)), settings);
      if (some.outcome === "refused") return;
      for (const order of [mixture, mixture.toReversed()])
        expect(await admitted(asking(asReinvoked(some.pod), order), settings)).toMatchObject(refused);
    });
  },
);
