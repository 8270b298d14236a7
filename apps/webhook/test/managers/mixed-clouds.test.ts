/** Secrets of several clouds in one pod: one init container fetches them all, and Flyte's sidecars are one cloud's alone. */
import type { Mutation, Pod, SecretAsk } from "@pod-secrets/core";
import { asReinvoked, fetchedFiles, testContainer } from "@pod-secrets/injector-testkit";
import { afterAll, describe, expect, test } from "vitest";

import { podAsking, withContainers } from "./asking.ts";
import { admitted, composedOf } from "./composed.ts";

const FETCHER = "fetcher: { image: example.com/fetch:1, envVars: fileKeyRef }";
const ARN = "arn:aws:secretsmanager:us-east-2:123456789012:secret";
const ROOT = "/etc/flyte/secrets";

/** A secret of each cloud, and where its file is. */
const CLOUDS = {
  aws: { ask: { group: ARN, key: "db" }, file: `${ROOT}/${ARN}/db` },
  gcp: {
    ask: { group: "projects/my-project/secrets/Db", groupVersion: "3" },
    file: `${ROOT}/projects/my-project/secrets/db/3`,
  },
  azure: {
    ask: { group: "https://my-vault.vault.azure.net/secrets/Db" },
    file: `${ROOT}/db`,
  },
} satisfies Readonly<Record<string, { readonly ask: SecretAsk; readonly file: string }>>;

type Cloud = keyof typeof CLOUDS;

const NAMES = Object.keys(CLOUDS) as Cloud[];
const CONFIDANT: SecretAsk = { group: "Warehouse DB", key: "Password" };
const K8S: SecretAsk = { group: "user-info", key: "name" };

/** @param fetching clouds that do not come by Flyte's sidecar */
function configOf(profile: string, fetching: readonly Cloud[]): string {
  const clouds = NAMES.map((name) =>
    fetching.includes(name) ? `{ use: ${name}, options: { mode: fetch, ${FETCHER} } }` : `{ use: ${name} }`,
  );
  const confidant = `{ use: confidant, options: { url: https://c.example, auth: { key: alias/a, to: c }, ${FETCHER} } }`;
  const managers = ["{ use: k8s }", confidant, ...clouds.toReversed()].map((manager) => `  - ${manager}`);
  return `profile: ${profile}\nglobal: false\nmanagers:\n${managers.join("\n")}\n`;
}

function podOf(mutation: Mutation): Pod {
  if (mutation.outcome === "refused") throw new Error(mutation.message);
  return mutation.pod;
}

function bothOrders(asks: readonly SecretAsk[]): readonly (readonly SecretAsk[])[] {
  return [asks, asks.toReversed()];
}

const PAIRS = NAMES.flatMap((one, at) => NAMES.slice(at + 1).map((other) => [one, other] as const));

describe.each(["flyte-v1", "flyte-v2"])("under %s", async (profile) => {
  const fetching = await composedOf(configOf(profile, NAMES));
  const sidecars = await composedOf(configOf(profile, []));
  afterAll(() => Promise.all([fetching.dispose(), sidecars.dispose()]));

  test("files and env vars of all stores have one init container, the first, and calling again changes nothing", async () => {
    const files = [...NAMES.map((name) => CLOUDS[name].ask), CONFIDANT];
    const envVars = files.map((ask) => ({ ...ask, mountRequirement: "ENV_VAR" }) as const);
    const asks = [...files, ...envVars, { ...K8S, mountRequirement: "ENV_VAR" } as const];
    for (const order of [asks, asks.toReversed(), [...asks.slice(5), ...asks.slice(0, 5)]]) {
      const asking = withContainers(podAsking(...order), [testContainer()], [testContainer({ name: "prepare" })]);
      const pod = podOf(await admitted(asking, fetching.settings));
      expect(pod.spec?.initContainers?.map(({ name }) => name)).toEqual(["pod-secrets-fetch", "prepare"]);
      expect(pod.spec?.volumes?.map(({ name }) => name)).toEqual(["pod-secrets-fetch"]);
      expect(fetchedFiles(pod).toSorted()).toEqual(
        [...NAMES.map((name) => CLOUDS[name].file), `${ROOT}/warehouse db/password`].toSorted(),
      );
      const references = pod.spec?.containers[0]?.env?.filter(({ valueFrom }) => valueFrom !== undefined) ?? [];
      expect(references).toHaveLength(envVars.length + 1);
      expect((await admitted(asReinvoked(pod), fetching.settings)).outcome).toBe("unchanged");
    }
  });

  test.each(NAMES)(
    "a file of a Kubernetes Secret beside one of %s is refused in any order, with a fix",
    async (name) => {
      for (const { settings } of [fetching, sidecars])
        for (const asks of bothOrders([CLOUDS[name].ask, { ...K8S, mountRequirement: "FILE" }]))
          expect(await admitted(podAsking(...asks), settings)).toMatchObject({
            outcome: "refused",
            code: "E_MOUNT_CONFLICT",
            message: expect.stringContaining("use one manager for all file secrets"),
          });
    },
  );

  test.each(PAIRS)("files of %s and %s by Flyte's sidecars are refused in any order", async (one, other) => {
    for (const asks of bothOrders([CLOUDS[one].ask, CLOUDS[other].ask]))
      expect(await admitted(podAsking(...asks), sidecars.settings)).toMatchObject({ code: "E_MOUNT_CONFLICT" });
  });

  test.each(NAMES)("files of %s by Flyte's sidecar beside fetched ones are refused in any order", async (name) => {
    for (const asks of bothOrders([CLOUDS[name].ask, CONFIDANT]))
      expect(await admitted(podAsking(...asks), sidecars.settings)).toMatchObject({ code: "E_MOUNT_CONFLICT" });
  });

  test.each(NAMES)("a file of %s by Flyte's sidecar, and env vars of others, can be in one pod", async (name) => {
    const asks: readonly SecretAsk[] = [
      CLOUDS[name].ask,
      { ...CONFIDANT, mountRequirement: "ENV_VAR" },
      { ...K8S, mountRequirement: "ENV_VAR" },
    ];
    for (const order of bothOrders(asks)) {
      const pod = podOf(await admitted(podAsking(...order), sidecars.settings));
      expect(pod.spec?.initContainers?.map((container) => container.name)).toEqual([
        "pod-secrets-fetch",
        expect.stringMatching(`^${name}-pull-secret-\\d$`),
      ]);
      expect((await admitted(asReinvoked(pod), sidecars.settings)).outcome).toBe("unchanged");
    }
  });
});

test.each<[string, SecretAsk, string]>([
  [
    "an address that is no vault's",
    { group: "https://vault.azure.net.example.com/secrets/db" },
    'azure: "https://vault.azure.net.example.com/secrets/db" is no secret of Azure Key Vault',
  ],
  [
    "a name that a shell would read as more",
    { group: "projects/1/secrets/x$(id)", groupVersion: "1" },
    'gcp: "projects/1/secrets/x$(id)" is no name of a secret in Google Cloud',
  ],
])("%s is refused, with the reason and the fix of the manager that was meant", async (_what, ask, reason) => {
  for (const clouds of [NAMES, []]) {
    const { settings, ...composition } = await composedOf(configOf("flyte-v1", clouds));
    const mutation = await admitted(podAsking(ask), settings);
    await composition.dispose();
    expect(mutation).toMatchObject({ code: "E_NOT_INJECTED", message: expect.stringContaining(reason) });
    expect(mutation).toHaveProperty("message", expect.stringMatching(/\. Fix: .*Set group to \S+\/secrets\/NAME, /));
  }
});
