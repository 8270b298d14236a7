import type { Injection } from "@pod-secrets/core";
import {
  injectionContext,
  openInjector,
  secretRequest,
  testPod,
  type RequestFields,
} from "@pod-secrets/injector-testkit";
import { expect, onTestFinished, test, vi } from "vitest";

import plugin from "../src/index.ts";
import { openGlobal, type GlobalSettings } from "./open-global.ts";
import { secretsDirectory } from "./secrets-directory.ts";

async function inject(settings: GlobalSettings, fields: RequestFields): Promise<Injection> {
  const injector = await openGlobal(settings);
  const pod = testPod();
  return injector.inject(pod, secretRequest(fields), injectionContext(pod));
}

async function valueOf(settings: GlobalSettings, group: string, key: string): Promise<string | undefined> {
  const injection = await inject(settings, { group, key });
  if (injection.outcome !== "injected") return injection.outcome;
  return injection.pod.spec?.containers[0]?.env?.at(-1)?.value;
}

test("group and key are upper-cased in the name of the env var", async () => {
  const env = { "FLYTE_SECRET_USER-INFO_USER.NAME": "alice" };
  expect(await valueOf({ env }, "User-Info", "user.name")).toBe("alice");
});

test("group and key keep their case in the path of the file", async () => {
  const directory = secretsDirectory({ "User-Info/Name": "alice\n" });
  expect(await valueOf({ directory }, "User-Info", "Name")).toBe("alice\n");
  expect(await valueOf({ directory }, "user-info", "name")).toBe("skipped");
});

test("an env var comes before a file, even when it is empty", async () => {
  const directory = secretsDirectory({ "user/name": "from-file" });
  expect(await valueOf({ directory, env: { FLYTE_SECRET_USER_NAME: "from-env" } }, "user", "name")).toBe("from-env");
  expect(await valueOf({ directory, env: { FLYTE_SECRET_USER_NAME: "" } }, "user", "name")).toBeUndefined();
  expect(await valueOf({ directory }, "user", "name")).toBe("from-file");
});

test("env vars of another prefix are no secrets", async () => {
  const env = { FLYTE_SECRET_A_B: "flyte", MINE_A_B: "mine", A_B: "none" };
  expect(await valueOf({ env, envPrefix: "MINE_" }, "a", "b")).toBe("mine");
  expect(await valueOf({ env, envPrefix: "OTHER_" }, "a", "b")).toBe("skipped");
});

test("env vars are those of the start", async () => {
  const env: Record<string, string> = {};
  const injector = await openGlobal({ env });
  env["FLYTE_SECRET_A_B"] = "late";
  const pod = testPod();
  const request = secretRequest({ group: "a", key: "b" });
  expect(injector.inject(pod, request, injectionContext(pod))).toHaveProperty("outcome", "skipped");
});

test("the plugin takes the env vars of the process", async () => {
  vi.stubEnv("FLYTE_SECRET_A_B", "value");
  onTestFinished(() => void vi.unstubAllEnvs());
  const injector = await openInjector(plugin, { directory: "/nonexistent" });
  onTestFinished(() => injector.dispose?.());
  const pod = testPod();
  expect(injector.inject(pod, secretRequest({ group: "a", key: "b" }), injectionContext(pod))).toMatchObject({
    outcome: "injected",
  });
});

test("group_version is not looked at", async () => {
  const env = { FLYTE_SECRET_A_B: "value" };
  expect(await inject({ env }, { group: "a", groupVersion: "v9", key: "b" })).toEqual(
    await inject({ env }, { group: "a", key: "b" }),
  );
});

test("a secret that is not there is left to the next manager, with the names that were tried", async () => {
  expect(await inject({}, { group: "user-info", key: "Name" })).toEqual({
    outcome: "skipped",
    reason: 'the webhook has neither env var "FLYTE_SECRET_USER-INFO_NAME" nor secret file "user-info/Name"',
  });
});

test.each([
  ["", "name", "the group is missing"],
  ["user", "", "the key is missing"],
  ["..", "name", 'no global secret can have the group ".."'],
  ["../outside", "name", 'no global secret can have the group "../outside"'],
  ["/etc", "passwd", 'no global secret can have the group "/etc"'],
  ["secret/user", "name", 'no global secret can have the group "secret/user"'],
  [".hidden", "name", 'no global secret can have the group ".hidden"'],
  ["user", "..data", 'no global secret can have the key "..data"'],
  ["user", "a\0b", 'no global secret can have the key "a\\u0000b"'],
  ["user", "k".repeat(254), "no global secret can have the key"],
])("group %j and key %j are left to the next manager: %s", async (group, key, reason) => {
  expect(await inject({}, { group, key })).toMatchObject({
    outcome: "skipped",
    reason: expect.stringContaining(reason),
  });
});

test("it has no fix for a missing group or key, which is none to a manager that finds its secrets without", async () => {
  expect(await inject({}, { group: "", key: "name" })).toEqual({
    outcome: "skipped",
    reason: "the group is missing",
  });
  expect(await inject({}, { group: "user", key: "" })).toEqual({ outcome: "skipped", reason: "the key is missing" });
});
