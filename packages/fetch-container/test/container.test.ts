import type { PodSpec, SecretAsk } from "@pod-secrets/core";
import { describe, expect, test } from "vitest";

import { fetcherOptions } from "../src/index.ts";
import { IMAGE, OPTIONS, admit, admitted, fetcherOf, fileManager, podAsking } from "./admission.ts";

const ASK: SecretAsk = { group: "DB", key: "Password", groupVersion: "a", mountRequirement: "FILE" };
const MOUNT = { name: "pod-secrets-fetch", readOnly: true, mountPath: "/etc/flyte/secrets" };

describe("a pod gets", () => {
  test("one init container, before its own, that fits the Pod Security Standard `restricted`", async () => {
    const pod = await admitted(podAsking([ASK], { initContainers: [{ name: "prepare" }] }));
    expect(pod.spec?.initContainers?.map(({ name }) => name)).toEqual(["pod-secrets-fetch", "prepare"]);
    expect(fetcherOf(pod)).toEqual({
      name: "pod-secrets-fetch",
      image: IMAGE,
      env: expect.anything(),
      resources: { requests: { cpu: "250m", memory: "96Mi" }, limits: { cpu: "250m", memory: "96Mi" } },
      securityContext: {
        runAsUser: 65_532,
        runAsNonRoot: true,
        readOnlyRootFilesystem: true,
        allowPrivilegeEscalation: false,
        capabilities: { drop: ["ALL"] },
        seccompProfile: { type: "RuntimeDefault" },
      },
      terminationMessagePolicy: "FallbackToLogsOnError",
      volumeMounts: [{ name: "pod-secrets-fetch", mountPath: "/run/pod-secrets" }],
    });
  });

  test("a memory volume that all others have read-only where the task looks", async () => {
    const { spec } = await admitted(podAsking([ASK], { initContainers: [{ name: "prepare" }] }));
    expect(spec?.volumes).toEqual([{ name: "pod-secrets-fetch", emptyDir: { medium: "Memory", sizeLimit: "16Mi" } }]);
    expect(spec?.initContainers?.[1]?.volumeMounts).toEqual([MOUNT]);
    expect(spec?.containers[0]?.volumeMounts).toEqual([MOUNT]);
  });

  test("its look-up in the task's containers only", async () => {
    const pod = await admitted(podAsking([{ ...ASK, envVar: "AWS_ROLE_ARN" }]));
    expect(pod.spec?.containers[0]?.env).toEqual([
      { name: "FLYTE_SECRETS_DEFAULT_DIR", value: "/etc/flyte/secrets" },
      { name: "FLYTE_SECRETS_FILE_PREFIX" },
      { name: "AWS_ROLE_ARN", value: "/etc/flyte/secrets/db/password" },
    ]);
    expect(fetcherOf(pod).env?.every(({ name }) => /^POD_SECRETS_FETCH(\.|$)/.test(name))).toBe(true);
  });

  test("what the options say", async () => {
    const options = fetcherOptions.parse({
      image: IMAGE,
      imagePullPolicy: "IfNotPresent",
      resources: { limits: { memory: "128Mi" } },
      runAsUser: 1001,
      sizeLimit: "1024Mi",
      deadlineSeconds: 30,
    });
    const pod = await admitted(podAsking([ASK]), [fileManager("a", "/secrets", options)]);
    expect(fetcherOf(pod)).toMatchObject({
      imagePullPolicy: "IfNotPresent",
      resources: { limits: { memory: "128Mi" } },
      securityContext: { runAsUser: 1001 },
      env: expect.arrayContaining([{ name: "POD_SECRETS_FETCH.limits", value: '{"deadlineSeconds":30}' }]),
    });
    expect(pod.spec?.volumes?.[0]?.emptyDir?.sizeLimit).toBe("1024Mi");
    // The API server writes the same amount otherwise.
    const volumes = [{ name: "pod-secrets-fetch", emptyDir: { medium: "Memory", sizeLimit: "1Gi" } }];
    const again = { ...pod, spec: { containers: [], ...pod.spec, volumes } };
    expect((await admit(again, [fileManager("a", "/secrets", options)])).outcome).toBe("unchanged");
  });
});

describe("the user of the container", () => {
  const as = (runAsUser: number): { readonly securityContext: { readonly runAsUser: number } } => ({
    securityContext: { runAsUser },
  });

  test.each<[string, Partial<PodSpec>, number]>([
    ["the pod's", as(1000), 1000],
    [
      "that of all containers",
      {
        containers: [
          { name: "a", ...as(1000) },
          { name: "b", ...as(1000) },
        ],
      },
      1000,
    ],
    [
      "65532 when they differ",
      {
        containers: [
          { name: "a", ...as(1000) },
          { name: "b", ...as(1001) },
        ],
      },
      65_532,
    ],
    ["65532 when one has none", { containers: [{ name: "a", ...as(1000) }, { name: "b" }] }, 65_532],
    ["65532 in a pod of root", as(0), 65_532],
  ])("is %s", async (_what, spec, user) => {
    expect(fetcherOf(await admitted(podAsking([ASK], spec))).securityContext).toMatchObject({
      runAsUser: user,
      runAsNonRoot: true,
    });
  });
});

describe("a pod is refused", () => {
  test.each<[string, Partial<PodSpec>, string]>([
    ["for Windows", { os: { name: "windows" } }, "E_POD_INVALID"],
    ["with another container of the name", { initContainers: [{ name: "pod-secrets-fetch" }] }, "E_CONTAINER_CONFLICT"],
    [
      "with another volume of the name",
      { volumes: [{ name: "pod-secrets-fetch", emptyDir: {} }] },
      "E_VOLUME_CONFLICT",
    ],
    [
      "with a volume of its own below the secrets directory",
      {
        volumes: [{ name: "mine", emptyDir: {} }],
        containers: [{ name: "main", volumeMounts: [{ name: "mine", mountPath: "/etc/flyte/secrets/mine" }] }],
      },
      "E_MOUNT_CONFLICT",
    ],
  ])("%s", async (_what, spec, code) => {
    expect(await admit(podAsking([ASK], spec))).toMatchObject({ outcome: "refused", code });
  });
});

test.each([
  [{}, ["image"]],
  [{ image: "a b" }, ["image"]],
  [{ image: "a", runAsUser: 0 }, ["runAsUser"]],
  [{ image: "a", sizeLimit: "lots" }, ["sizeLimit"]],
  [{ image: "a", sizeLimit: "0" }, ["sizeLimit"]],
  [{ image: "a", deadlineSeconds: 0 }, ["deadlineSeconds"]],
  [{ image: "a", command: ["sh"] }, []],
])("options %j are refused, and the place is named", (options, path) => {
  expect(fetcherOptions.safeParse(options).error?.issues).toMatchObject([{ path }]);
  expect(OPTIONS.image).toBe(IMAGE);
});
