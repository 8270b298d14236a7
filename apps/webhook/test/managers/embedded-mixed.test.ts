/** Values that the webhook reads, beside secrets of other managers, in one pod. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

import type { Mutation, Pod, SecretAsk } from "@pod-secrets/core";
import { asReinvoked, testContainer } from "@pod-secrets/injector-testkit";
import { afterAll, describe, expect, test, vi } from "vitest";

import { podAsking, withContainers } from "./asking.ts";
import { admitted, composedOf } from "./composed.ts";
import { podFaults } from "./pod-rules.ts";
import { answeringAll } from "./secrets-manager.ts";

vi.stubEnv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE");
vi.stubEnv("AWS_SECRET_ACCESS_KEY", "key");
vi.stubEnv("MIXED_SHARED_TOKEN", "of the webhook");

const store = createServer(answeringAll("hunter2 $(HOME)")).listen(0, "127.0.0.1");
await once(store, "listening");
const endpoint = `http://127.0.0.1:${(store.address() as AddressInfo).port}`;

const MANAGERS = `global: { envPrefix: MIXED_ }
managers:
  - { use: vault-kv2, options: { unversioned: false } }
  - { use: k8s }
  - use: embedded
    options:
      accept: values-in-pods
      store: { type: aws, settings: { region: us-east-1, endpoints: { secretsmanager: "${endpoint}" } } }
      scope: { namespace: "*" }`;
const compositions = await Promise.all(
  ["flyte-v1", "flyte-v2"].map((profile) => composedOf(`profile: ${profile}\n${MANAGERS}`)),
);
afterAll(async () => {
  await Promise.all(compositions.map((composition) => composition.dispose()));
  store.closeAllConnections();
  store.close();
  vi.unstubAllEnvs();
});

/** No Secret can have these names, so they come to embedded. */
const VALUE: SecretAsk = { group: "My_DB", key: "Password", mountRequirement: "ENV_VAR", envVar: "PGPASSWORD" };
const FILE: SecretAsk = { group: "My_DB", key: "client.pem", mountRequirement: "FILE" };
const OTHERS = {
  "an env var of Kubernetes": { group: "user-info", key: "name", mountRequirement: "ENV_VAR" },
  "a file of Kubernetes": { group: "user-info", key: "name", mountRequirement: "FILE" },
  "a file of Vault": { group: "secret/data/app", key: "password", groupVersion: "kv2" },
  "a global secret": { group: "shared", key: "token", mountRequirement: "ENV_VAR" },
} satisfies Readonly<Record<string, SecretAsk>>;

function asking(...asks: readonly SecretAsk[]): Pod {
  const { metadata, ...pod } = withContainers(
    podAsking(...asks),
    [testContainer()],
    [testContainer({ name: "prepare" })],
  );
  return { ...pod, metadata: { ...metadata, labels: { organization: "flyte", project: "p", domain: "d" } } };
}

function podOf(mutation: Mutation): Pod {
  if (mutation.outcome === "refused") throw new Error(mutation.message);
  return mutation.pod;
}

const json = (pod: Pod): Readonly<Record<string, unknown>> => JSON.parse(JSON.stringify(pod)) as never;

describe.each(compositions.map(({ settings }) => [settings.profile.name, settings] as const))(
  "under %s",
  (_name, settings) => {
    test.each(Object.entries(OTHERS))(
      "env vars go with %s, in any order, and the result is final",
      async (_what, other) => {
        for (const asks of [
          [VALUE, other],
          [other, VALUE],
        ]) {
          const before = asking(...asks);
          const pod = podOf(await admitted(before, settings));
          expect(podFaults(json(before), json(pod))).toEqual([]);
          expect(pod.spec?.containers?.[0]?.env).toContainEqual({ name: "PGPASSWORD", value: "hunter2 $$(HOME)" });
          expect((await admitted(asReinvoked(pod), settings)).outcome).toBe("unchanged");
        }
      },
    );

    test("files come before the pod's own init containers, and go with env vars of all kinds", async () => {
      const before = asking(OTHERS["a global secret"], FILE, VALUE, OTHERS["an env var of Kubernetes"], {
        ...FILE,
        key: "ca.pem",
      });
      const pod = podOf(await admitted(before, settings));
      expect(podFaults(json(before), json(pod))).toEqual([]);
      expect(pod.spec?.initContainers?.map(({ name }) => name)).toEqual(["init-embedded-secret", "prepare"]);
      expect((await admitted(asReinvoked(pod), settings)).outcome).toBe("unchanged");
    });

    test.each(["a file of Kubernetes", "a file of Vault"] as const)(
      "files are refused beside %s, with what to do",
      async (what) => {
        for (const asks of [
          [FILE, OTHERS[what]],
          [OTHERS[what], FILE],
        ])
          expect(await admitted(asking(...asks), settings)).toMatchObject({
            outcome: "refused",
            code: "E_MOUNT_CONFLICT",
            message: expect.stringContaining("use one manager for all file secrets of the pod"),
          });
      },
    );
  },
);
