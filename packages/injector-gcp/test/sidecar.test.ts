import type { Pod } from "@pod-secrets/core";
import {
  SHELL_NAMES,
  admitPod,
  admittedPod,
  answerTo,
  asReinvoked,
  openInjector,
  secretRequests,
  testContainer,
  testPod,
  withRequests,
  type RequestFields,
} from "@pod-secrets/injector-testkit";
import { expect, test } from "vitest";

import plugin from "../src/index.ts";

const injector = await openInjector(plugin);

function admitted(pod: Pod, ...requests: readonly RequestFields[]): Promise<Pod> {
  return admittedPod(withRequests(pod, secretRequests(requests)), [injector]);
}

test("each secret has one init container more, and calling again changes nothing", async () => {
  const asks = [
    { group: "Token", groupVersion: "3" },
    { group: "Token", groupVersion: "latest", envVar: "TOKEN_FILE" },
    { group: "Token", groupVersion: "3" },
  ];
  const pod = await admitted(testPod({ initContainers: [testContainer({ name: "prepare" })] }), ...asks);
  expect(pod.spec?.initContainers?.map(({ name }) => name)).toEqual([
    "prepare",
    "gcp-pull-secret-1",
    "gcp-pull-secret-2",
  ]);
  expect(await admitPod(asReinvoked(pod), [injector])).toMatchObject({ outcome: "unchanged" });
});

test("env_var holds the path of the file, and no puller has it", async () => {
  const pod = await admitted(testPod(), { group: "Token", groupVersion: "3", envVar: "CLOUDSDK_CONFIG" });
  const path = { name: "CLOUDSDK_CONFIG", value: "/etc/flyte/secrets/token/3" };
  expect(pod.spec?.containers[0]?.env).toContainEqual(path);
  expect(pod.spec?.initContainers?.[0]?.env?.map(({ name }) => name)).not.toContain("CLOUDSDK_CONFIG");
});

test.each<[string, RequestFields, string, string | undefined]>([
  ["no version", { groupVersion: "" }, "group_version is missing", undefined],
  [
    "a full name without a version",
    { group: "projects/1/secrets/x", groupVersion: "" },
    "group_version is missing",
    "Set group_version to a version, such as `latest`.",
  ],
  ["an env var", { mountRequirement: "ENV_VAR" }, "secrets of Google Cloud are files, not env vars", undefined],
  [
    "an env var of a full name",
    { group: "projects/1/secrets/x", mountRequirement: "ENV_VAR" },
    "secrets of Google Cloud are files, not env vars",
    "Ask for it as FILE or ANY; env_var then holds the path of the file.",
  ],
  ["an option of gcloud", { group: "--project" }, '"--project" begins with a hyphen', undefined],
  [
    "a regional secret",
    { group: "projects/my-project/locations/europe-west1/secrets/x" },
    '"projects/my-project/locations/europe-west1/secrets/x" is a regional secret, which Flyte\'s sidecar does not find',
    "Configure the manager gcp with mode: fetch.",
  ],
])("%s is left to the next manager", async (_what, fields, reason, fix) => {
  expect(await answerTo({ group: "Token", groupVersion: "3", ...fields }, injector)).toEqual({
    outcome: "skipped",
    reason,
    fix,
  });
});

test.each(SHELL_NAMES)("%j never gets to the shell, in whatever field", async (text) => {
  for (const fields of [{ group: text }, { groupVersion: text }, { group: `projects/1/secrets/${text}` }]) {
    expect(await answerTo({ group: "Token", groupVersion: "3", ...fields }, injector)).toMatchObject({
      outcome: "skipped",
    });
  }
  const ignored = await answerTo({ group: "Token", groupVersion: "3", key: text }, injector);
  if (ignored.outcome !== "injected") throw new Error(ignored.outcome);
  expect(JSON.stringify(ignored.pod)).not.toContain(JSON.stringify(text).slice(1, -1));
});

test("a key is ignored, as with Flyte, and the warning says so", async () => {
  expect(await answerTo({ group: "Token", groupVersion: "3", key: "password" }, injector)).toMatchObject({
    outcome: "injected",
    warnings: ['key "password" is ignored: the file holds the whole secret'],
  });
});

test("a pod that must not run as root is warned that the image does", async () => {
  const pod = testPod({ securityContext: { runAsNonRoot: true } });
  expect(await answerTo({ group: "Token", groupVersion: "3" }, injector, pod)).toMatchObject({
    warnings: [expect.stringContaining("must not run as root")],
  });
});
