import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";

import { fetchedFiles, readFetchRequest, runFetchProgram, testContainer, testPod } from "../src/index.ts";

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

test("the request is that of all parts, and of no other env var", () => {
  expect(readFetchRequest(pod)).toEqual({
    providers: { aws: { use: "aws-secretsmanager" } },
    items: [
      { name: "db/password", files: [{ path: "db/password" }] },
      { name: "db/user", files: [{ path: "db/user" }] },
    ],
  });
});

test("a pod without the init container has none", () => {
  expect(fetchedFiles(testPod())).toEqual([]);
  expect(readFetchRequest(testPod())).toEqual({ providers: {}, items: [] });
});

test("the program has the container's env alone, and tells how it ended", () => {
  const folder = mkdtempSync(join(tmpdir(), "pod-secrets-testkit-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const program = join(folder, "program.mjs");
  writeFileSync(program, "console.error(Object.keys(process.env).join());\nprocess.exitCode = 11;\n");
  expect(runFetchProgram(pod, program)).toEqual({
    status: 11,
    stderr: "POD_SECRETS_FETCH,POD_SECRETS_FETCH.aws,POD_SECRETS_FETCH.1,POD_SECRETS_FETCH.2,FETCHED\n",
  });
});
