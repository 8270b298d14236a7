/** Secrets of several managers that one init container fetches. */
import type { Mutation, Pod, SecretAsk } from "@pod-secrets/core";
import { asReinvoked, fetchedFiles, testContainer } from "@pod-secrets/injector-testkit";
import { afterAll, describe, expect, test } from "vitest";

import { podAsking, withContainers } from "./asking.ts";
import { admitted, composedOf } from "./composed.ts";

const MANAGERS = `global: false
managers:
  - { use: aws, options: { mode: fetch, fetcher: { image: example.com/fetch:1 } } }
  - { use: k8s }
  - use: confidant
    options:
      url: https://confidant.example.com
      auth: { key: alias/authnz, to: confidant }
      fetcher: { image: example.com/another:2, sizeLimit: 8Mi, deadlineSeconds: 30 }`;
const compositions = await Promise.all(
  ["flyte-v1", "flyte-v2"].map((profile) => composedOf(`profile: ${profile}\n${MANAGERS}`)),
);
afterAll(() => Promise.all(compositions.map((composition) => composition.dispose())));

const ARN = "arn:aws:secretsmanager:us-east-2:123456789012:secret";
const AWS: SecretAsk = { group: ARN, key: "db#password" };
const CONFIDANT: SecretAsk = { group: "Warehouse DB", key: "Password" };
const K8S_ENV: SecretAsk = { group: "user-info", key: "name", mountRequirement: "ENV_VAR" };

function podOf(mutation: Mutation): Pod {
  if (mutation.outcome === "refused") throw new Error(mutation.message);
  return mutation.pod;
}

describe.each(compositions.map(({ settings }) => [settings.profile.name, settings] as const))(
  "under %s",
  (_name, settings) => {
    test.each([
      ["files of AWS", [AWS, { ...AWS, key: "other" }]],
      ["files of AWS, Confidant, and AWS again", [AWS, CONFIDANT, { ...AWS, key: "other" }]],
      ["files of Confidant and AWS, and an env var of Kubernetes", [CONFIDANT, K8S_ENV, AWS]],
      ["a file of AWS and an env var of Kubernetes", [AWS, K8S_ENV]],
      ["an env var of Kubernetes and a file of AWS", [K8S_ENV, AWS]],
    ])("%s have one init container, before the pod's own, and calling again changes nothing", async (_what, asks) => {
      const asking = withContainers(podAsking(...asks), [testContainer()], [testContainer({ name: "prepare" })]);
      const pod = podOf(await admitted(asking, settings));
      expect(pod.spec?.initContainers?.map(({ name }) => name)).toEqual(["pod-secrets-fetch", "prepare"]);
      expect(pod.spec?.volumes?.map(({ name }) => name)).toEqual(["pod-secrets-fetch"]);
      expect(fetchedFiles(pod)).toContain(`/etc/flyte/secrets/${ARN}/db#password`);
      expect((await admitted(asReinvoked(pod), settings)).outcome).toBe("unchanged");
    });

    test("what a task is told is not for the container that fetches: AWS would take it for somebody else", async () => {
      const keys: SecretAsk = { ...K8S_ENV, envVar: "AWS_ACCESS_KEY_ID" };
      for (const asks of [
        [keys, AWS],
        [AWS, keys],
      ]) {
        const asking = withContainers(podAsking(...asks), [testContainer()], [testContainer({ name: "prepare" })]);
        const [fetcher, prepare] = podOf(await admitted(asking, settings)).spec?.initContainers ?? [];
        expect(fetcher?.env?.filter(({ name }) => !/^POD_SECRETS_FETCH(\.|$)/.test(name))).toEqual([]);
        expect(prepare?.env?.map(({ name }) => name)).toContain("AWS_ACCESS_KEY_ID");
      }
    });

    test("files of AWS and Confidant come by the container of the first", async () => {
      for (const [asks, image] of [
        [[AWS, CONFIDANT], "example.com/fetch:1"],
        [[CONFIDANT, AWS], "example.com/another:2"],
      ] as const) {
        const pod = podOf(await admitted(podAsking(...asks), settings));
        expect(pod.spec?.initContainers).toMatchObject([{ name: "pod-secrets-fetch", image }]);
        expect(fetchedFiles(pod).toSorted()).toEqual([
          `/etc/flyte/secrets/${ARN}/db#password`,
          "/etc/flyte/secrets/warehouse db/password",
        ]);
      }
    });

    test("a container that another webhook adds between two calls finds the files as well", async () => {
      const pod = podOf(await admitted(podAsking(AWS), settings));
      const { containers = [], initContainers = [] } = pod.spec ?? {};
      const joined = withContainers(
        pod,
        [...containers, testContainer({ name: "mesh" })],
        [testContainer({ name: "mesh-init" }), ...initContainers],
      );
      const again = podOf(await admitted(asReinvoked(joined), settings));
      for (const container of [again.spec?.initContainers?.[0], again.spec?.containers[1]])
        expect(container?.volumeMounts).toContainEqual({
          name: "pod-secrets-fetch",
          readOnly: true,
          mountPath: "/etc/flyte/secrets",
        });
      expect(again.spec?.initContainers).toHaveLength(2);
      expect((await admitted(asReinvoked(again), settings)).outcome).toBe("unchanged");
    });
  },
);
