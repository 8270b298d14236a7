import { expect, test } from "vitest";

import { fetchedFiles, testContainer, testPod } from "../src/index.ts";

const item = (path: string): string => JSON.stringify({ items: [{ name: path, files: [{ path }] }] });

const pod = testPod({
  initContainers: [
    testContainer({
      name: "pod-secrets-fetch",
      env: [
        { name: "POD_SECRETS_FETCH", value: JSON.stringify({ version: 1, volume: "/run/pod-secrets" }) },
        { name: "POD_SECRETS_FETCH.aws", value: JSON.stringify({ providers: { aws: { use: "aws-secretsmanager" } } }) },
        { name: "POD_SECRETS_FETCH.1", value: item("db/password") },
        { name: "POD_SECRETS_FETCH.2", value: item("db/user") },
        { name: "FETCHED", value: "no part" },
      ],
    }),
  ],
  containers: [testContainer({ volumeMounts: [{ name: "pod-secrets-fetch", mountPath: "/mnt/secrets" }] })],
});

test("the files of all parts are where the task's container has the volume", () => {
  expect(fetchedFiles(pod)).toEqual(["/mnt/secrets/db/password", "/mnt/secrets/db/user"]);
});

test("a pod without the init container has none", () => {
  expect(fetchedFiles(testPod())).toEqual([]);
});
