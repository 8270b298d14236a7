import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { once } from "node:events";
import { join } from "node:path";
import { expect, it, onTestFinished, vi } from "vitest";

import { podAsking, request } from "./pods.ts";
import { folderOf, run } from "./running.ts";

const LABELS = { organization: "flyte", project: "billing", domain: "production" };

it.each(["inject", "explain"])("%s reads no store for a pod, and says where to look", async (command) => {
  let asked = 0;
  const store = createServer((_request, response) => {
    asked++;
    response.end(JSON.stringify({ SecretString: "hunter2" }));
  }).listen(0, "127.0.0.1");
  onTestFinished(() => void store.close());
  await once(store, "listening");
  vi.stubEnv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "key");
  onTestFinished(() => void vi.unstubAllEnvs());
  const endpoint = `http://127.0.0.1:${(store.address() as AddressInfo).port}`;
  const settings = { region: "us-east-1", endpoints: { secretsmanager: endpoint } };
  const options = { accept: "values-in-pods", store: { type: "aws", settings } };
  const config = JSON.stringify({ global: false, managers: [{ use: "embedded", options }] });
  const pod = podAsking([request({ group: "", key: "token" })]);
  const labelled = {
    ...pod,
    metadata: { ...pod.metadata, labels: { ...pod.metadata?.labels, ...LABELS }, namespace: "billing-production" },
  };

  const args = [command, "--config", join(folderOf({ "config.yaml": config }), "config.yaml"), "-"];
  const { exit, stdout, stderr } = await run(args, { stdin: JSON.stringify(labelled) });

  expect(exit).toBe(1);
  expect(stdout + stderr).toContain("embedded/not-in-a-cluster");
  expect(stdout + stderr).toMatch(/--dry-run=server/);
  expect(stdout + stderr).not.toContain("hunter2");
  expect(asked).toBe(0);
});
