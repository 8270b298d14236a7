import type { EnvVar, Injection, Pod } from "@pod-secrets/core";
import {
  injectionContext,
  openInjector,
  secretRequest,
  testContainer,
  testPod,
  type ContextSettings,
  type RequestFields,
} from "@pod-secrets/injector-testkit";
import { expect, test } from "vitest";

import plugin from "../src/index.ts";

const injector = await openInjector(plugin);

function inject(pod: Pod, fields: RequestFields, settings?: ContextSettings): Injection {
  const request = secretRequest({ group: "user-info", key: "password", mountRequirement: "ENV_VAR", ...fields });
  return injector.inject(pod, request, injectionContext(pod, settings)) as Injection;
}

function envOf(injection: Injection): readonly EnvVar[] | undefined {
  return injection.outcome === "injected" ? injection.pod.spec?.containers[0]?.env : undefined;
}

const valueFrom = { secretKeyRef: { name: "user-info", key: "password", optional: true } };

test("an env var refers to the key, and the task learns its prefix", () => {
  expect(envOf(inject(testPod(), {}))).toEqual([
    { name: "_FSEC_USER-INFO_PASSWORD", valueFrom },
    { name: "FLYTE_SECRETS_ENV_PREFIX", value: "_FSEC_" },
  ]);
});

test("env_var is one more reference to the same key", () => {
  expect(envOf(inject(testPod(), { envVar: "DB_PASSWORD" }))).toContainEqual({ name: "DB_PASSWORD", valueFrom });
});

test("no volume is added", () => {
  expect(inject(testPod(), {})).not.toHaveProperty("pod.spec.volumes");
});

test("group_version changes nothing", () => {
  expect(inject(testPod(), { groupVersion: "v7" })).toEqual(inject(testPod(), {}));
});

test("without a group, flyte-v2 takes the Secret that is named after the key's MD5", () => {
  const env = envOf(inject(testPod(), { group: "" }, { profile: "flyte-v2" }));
  expect(env).toContainEqual({
    name: "_UNION_5F4DCC3B5AA765D61D8327DEB882CF99_PASSWORD",
    valueFrom: { secretKeyRef: { name: "5f4dcc3b5aa765d61d8327deb882cf99", key: "password", optional: true } },
  });
});

test("two keys that would be one env var are refused", () => {
  const first = inject(testPod(), { key: "token" }) as { pod: Pod };
  const second = secretRequest({ group: "user-info", key: "TOKEN", mountRequirement: "ENV_VAR" });
  const context = { ...injectionContext(first.pod), userPod: testPod() };
  expect(() => injector.inject(first.pod, second, context)).toThrow(
    expect.objectContaining({ code: "E_ENV_COLLISION" }),
  );
});

test("an env_var that programs read before they start is refused", () => {
  expect(() => inject(testPod(), { envVar: "LD_PRELOAD" })).toThrow(
    expect.objectContaining({ code: "E_ENV_FORBIDDEN" }),
  );
});

test.each([
  ["flyte-v1", { name: "DB_PASSWORD", value: "mine" }],
  ["flyte-v2", { name: "DB_PASSWORD", valueFrom }],
] as const)("under %s the env var of that name is %o when the user has set one", (profile, expected) => {
  const pod = testPod({ containers: [testContainer({ env: [{ name: "DB_PASSWORD", value: "mine" }] })] });
  const env = envOf(inject(pod, { envVar: "DB_PASSWORD" }, { profile }));
  expect(env?.filter(({ name }) => name === "DB_PASSWORD")).toEqual([expected]);
});
