import type { EnvVar, Injection, Pod } from "@pod-secrets/core";
import {
  injectionContext,
  secretRequest,
  testContainer,
  testPod,
  type ContextSettings,
  type RequestFields,
} from "@pod-secrets/injector-testkit";
import { expect, test } from "vitest";

import { globalOptions } from "../src/index.ts";
import { openGlobal, type GlobalSettings } from "./open-global.ts";
import { secretsDirectory } from "./secrets-directory.ts";

const env = { FLYTE_SECRET_GROUP_HELLO: "world" };

async function inject(
  settings: GlobalSettings,
  fields: RequestFields = {},
  context?: ContextSettings,
): Promise<Injection> {
  const injector = await openGlobal(settings);
  const pod = testPod();
  return injector.inject(
    pod,
    secretRequest({ group: "group", key: "hello", ...fields }),
    injectionContext(pod, context),
  );
}

function envOf(injection: Injection): readonly EnvVar[] | undefined {
  return injection.outcome === "injected" ? injection.pod.spec?.containers[0]?.env : undefined;
}

test.each(["ANY", "ENV_VAR"] as const)("a request for %s gets the value as an env var", async (mountRequirement) => {
  expect(envOf(await inject({ env }, { mountRequirement }))).toEqual([
    { name: "FLYTE_SECRETS_ENV_PREFIX", value: "_FSEC_" },
    { name: "_FSEC_GROUP_HELLO", value: "world" },
  ]);
});

test("env_var holds the value, too", async () => {
  expect(envOf(await inject({ env }, { envVar: "GREETING" }))).toEqual([
    { name: "FLYTE_SECRETS_ENV_PREFIX", value: "_FSEC_" },
    { name: "_FSEC_GROUP_HELLO", value: "world" },
    { name: "GREETING", value: "world" },
  ]);
});

test("all init containers and containers get it", async () => {
  const injector = await openGlobal({ env });
  const pod = testPod({ initContainers: [testContainer({ name: "prepare" })] });
  const request = secretRequest({ group: "group", key: "hello" });
  const withValue = { env: expect.arrayContaining([{ name: "_FSEC_GROUP_HELLO", value: "world" }]) };
  expect(injector.inject(pod, request, injectionContext(pod))).toMatchObject({
    pod: { spec: { initContainers: [withValue], containers: [withValue] } },
  });
});

test("a request for FILE is left to the next manager", async () => {
  expect(await inject({ env }, { mountRequirement: "FILE" })).toEqual({
    outcome: "skipped",
    reason: "global secrets can only be env vars",
    fix: "Ask for it as ENV_VAR or ANY.",
  });
});

test.each([
  ["a $(PATH) b", "a $$(PATH) b"],
  ["p$$w", "p$$$$w"],
  ["p$w", "p$w"],
  [" line\n", " line\n"],
  ["pässwörd 🔑", "pässwörd 🔑"],
])("the container sees %j as it is", async (value, written) => {
  expect(envOf(await inject({ env: { FLYTE_SECRET_GROUP_HELLO: value } }))).toContainEqual({
    name: "_FSEC_GROUP_HELLO",
    value: written,
  });
});

test("a value that is empty is one", async () => {
  const injection = await inject({ env: { FLYTE_SECRET_GROUP_HELLO: "" } });
  expect(envOf(injection)).toContainEqual({ name: "_FSEC_GROUP_HELLO" });
});

test.each([
  ["a NUL byte", "a\0b"],
  ["more than 128 KiB", "x".repeat(131_072)],
])("a value with %s is refused, and the message does not hold it", async (_, content) => {
  const directory = secretsDirectory({ "group/hello": content });
  const error: unknown = await inject({ directory }).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: "E_ENV_VALUE" });
  expect(String(error)).not.toContain(content.slice(0, 3));
});

test("two secrets that would be one env var are refused when they differ", async () => {
  const injector = await openGlobal({ directory: secretsDirectory({ "a_b/c": "1", "a/b_c": "2" }) });
  const pod = testPod();
  const first = injector.inject(pod, secretRequest({ group: "a_b", key: "c" }), injectionContext(pod)) as { pod: Pod };
  const second = secretRequest({ group: "a", key: "b_c" });
  const context = { ...injectionContext(first.pod), userPod: pod };
  expect(() => injector.inject(first.pod, second, context)).toThrow(
    expect.objectContaining({ code: "E_ENV_COLLISION" }),
  );
});

test("with `namespaces` only pods of these get global secrets, and others do not learn which there are", async () => {
  const settings = { env, namespaces: ["flyte", "flytesnacks-development"] };
  expect(await inject(settings, {}, { namespace: "flytesnacks-development" })).toHaveProperty("outcome", "injected");
  const elsewhere = { outcome: "skipped", reason: 'pods of namespace "default" get no global secrets' };
  expect(await inject(settings, {}, { namespace: "default" })).toEqual(elsewhere);
  expect(await inject(settings, { key: "unknown" }, { namespace: "default" })).toEqual(elsewhere);
});

test.each([
  [{ envPrefix: "" }, ["envPrefix"]],
  [{ envPrefix: "A=" }, ["envPrefix"]],
  [{ directory: "" }, ["directory"]],
  [{ directory: "/a\0b" }, ["directory"]],
  [{ directory: "./secrets" }, ["directory"]],
  [{ namespaces: [] }, ["namespaces"]],
  [{ namespaces: ["flyte", "A B"] }, ["namespaces", 1]],
  [{ prefix: "A_" }, []],
])("options %j are refused, and the place is named", (options, path) => {
  expect(globalOptions.safeParse(options).error?.issues).toMatchObject([{ path }]);
});
