/** The native sidecar that fetches the secrets of a running pod again. */
import type { Pod, SecretAsk } from "@pod-secrets/core";
import { describe, expect, test } from "vitest";

import { fetcherOptions, type FetcherOptions } from "../src/index.ts";
import { IMAGE, admit, admitted, fetcherOf, fileManager, podAsking } from "./admission.ts";

const FIELDS = { image: IMAGE, envVars: "fileKeyRef", deadlineSeconds: 30 };
const OPTIONS = fetcherOptions.parse({ ...FIELDS, refresh: {} });
const PLAIN = fetcherOptions.parse({ image: IMAGE });
const ASK: SecretAsk = { group: "DB", key: "Password", groupVersion: "a", mountRequirement: "FILE" };

const managers = (a: FetcherOptions, b: FetcherOptions) => [fileManager("a", "/a", a), fileManager("b", "/b", b)];

function initNames({ spec }: Pod): readonly string[] | undefined {
  return spec?.initContainers?.map(({ name }) => name);
}

function partsOf(pod: Pod, container: number): readonly string[] {
  return (pod.spec?.initContainers?.[container]?.env ?? []).map(({ name, value }) => `${name} ${value}`);
}

describe("with `refresh` a pod gets", () => {
  test("a sidecar right after the init container, that fits the Pod Security Standard `restricted`", async () => {
    const pod = await admitted(podAsking([ASK], { initContainers: [{ name: "prepare" }] }), managers(OPTIONS, OPTIONS));
    expect(initNames(pod)).toEqual(["pod-secrets-fetch", "pod-secrets-refresh", "prepare"]);
    expect(pod.spec?.initContainers?.[1]).toEqual({
      name: "pod-secrets-refresh",
      image: IMAGE,
      args: ["--watch"],
      restartPolicy: "Always",
      env: expect.arrayContaining([
        { name: "POD_SECRETS_FETCH.limits", value: '{"deadlineSeconds":30,"refreshSeconds":300}' },
      ]),
      resources: { requests: { cpu: "100m", memory: "96Mi" }, limits: { cpu: "100m", memory: "96Mi" } },
      securityContext: fetcherOf(pod).securityContext,
      terminationMessagePolicy: "FallbackToLogsOnError",
      volumeMounts: [{ name: "pod-secrets-fetch", mountPath: "/run/pod-secrets" }],
    });
  });

  test("the same request in both, and what tells a task where to look in neither", async () => {
    const asks: readonly SecretAsk[] = [
      { ...ASK, envVar: "AWS_ROLE_ARN" },
      { ...ASK, key: "User", mountRequirement: "ENV_VAR" },
    ];
    const pod = await admitted(podAsking(asks), managers(OPTIONS, OPTIONS));
    const withoutLimits = (parts: readonly string[]) => parts.filter((text) => !text.includes(".limits"));
    expect(withoutLimits(partsOf(pod, 1))).toEqual(withoutLimits(partsOf(pod, 0)));
    expect(partsOf(pod, 1).every((text) => /^POD_SECRETS_FETCH[. ]/.test(text))).toBe(true);
    expect((await admit(pod, managers(OPTIONS, OPTIONS))).outcome).toBe("unchanged");
  });

  test("period and resources as the options say", async () => {
    const resources = { limits: { memory: "128Mi" } };
    const options = fetcherOptions.parse({ image: IMAGE, refresh: { seconds: 20, resources } });
    const pod = await admitted(podAsking([ASK]), managers(options, options));
    expect(pod.spec?.initContainers?.[1]).toMatchObject({ resources });
    expect(partsOf(pod, 1)).toContain('POD_SECRETS_FETCH.limits {"refreshSeconds":20}');
  });
});

test("of two managers, the secrets of the one are refreshed that asks for it, in any order", async () => {
  const other: SecretAsk = { ...ASK, groupVersion: "b", key: "User" };
  for (const asks of [
    [ASK, other],
    [other, ASK],
  ]) {
    const pod = await admitted(podAsking(asks), managers(PLAIN, OPTIONS));
    expect(initNames(pod)).toEqual(["pod-secrets-fetch", "pod-secrets-refresh"]);
    expect(partsOf(pod, 0).join()).toContain('"DB/Password"');
    expect(partsOf(pod, 1).join()).not.toContain('"DB/Password"');
    expect(partsOf(pod, 1).join()).toContain('"DB/User"');
    expect((await admit(pod, managers(PLAIN, OPTIONS))).outcome).toBe("unchanged");
  }
});

test("a sidecar that comes later has image and user of the container whose files it replaces", async () => {
  const options = fetcherOptions.parse({ image: "example.com/another:1", runAsUser: 7, refresh: {} });
  const first = fetcherOptions.parse({ image: IMAGE, runAsUser: 1001 });
  const asks = [ASK, { ...ASK, groupVersion: "b", key: "User" }];
  const pod = await admitted(podAsking(asks), managers(first, options));
  expect(pod.spec?.initContainers).toMatchObject([
    { image: IMAGE, securityContext: { runAsUser: 1001 } },
    { image: IMAGE, securityContext: { runAsUser: 1001 } },
  ]);
});

test("a pod with another container of the name is refused", async () => {
  for (const spec of [
    { initContainers: [{ name: "pod-secrets-refresh" }] },
    { containers: [{ name: "pod-secrets-refresh" }] },
  ]) {
    const refused = await admit(podAsking([ASK], spec), managers(OPTIONS, OPTIONS));
    expect(refused).toMatchObject({ outcome: "refused", code: "E_CONTAINER_CONFLICT" });
  }
});

test.each([
  [{ seconds: 0 }, ["refresh", "seconds"]],
  [{ seconds: 86_401 }, ["refresh", "seconds"]],
  [{ resources: { limits: { cpu: "a lot" } } }, ["refresh", "resources", "limits", "cpu"]],
  [{ minutes: 5 }, ["refresh"]],
])("the option %j is refused, and the place is named", (refresh, path) => {
  expect(fetcherOptions.safeParse({ image: IMAGE, refresh }).error?.issues).toMatchObject([{ path }]);
});
