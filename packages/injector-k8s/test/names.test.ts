import { injectionContext, openInjector, secretRequest, testPod } from "@pod-secrets/injector-testkit";
import { expect, test } from "vitest";

import plugin from "../src/index.ts";

const injector = await openInjector(plugin);
const pod = testPod();

test.each([
  ["", "password", "the group is missing"],
  ["user-info", "", "the key is missing"],
  ["User-Info", "password", 'no Secret can have the name "User-Info"'],
  ["user_info", "password", 'no Secret can have the name "user_info"'],
  ["a".repeat(254), "password", "no Secret can have the name"],
  ["user-info", "pass word", 'no Secret can have the key "pass word"'],
  ["user-info", "a/b", 'no Secret can have the key "a/b"'],
  ["user-info", "..data", 'no Secret can have the key "..data"'],
  ["user-info", "k".repeat(254), "no Secret can have the key"],
])("group %j and key %j are left to the next manager: %s", (group, key, reason) => {
  for (const mountRequirement of ["ANY", "ENV_VAR", "FILE"] as const) {
    const request = secretRequest({ group, key, mountRequirement });
    const injection = injector.inject(pod, request, injectionContext(pod));
    expect(injection).toMatchObject({
      outcome: "skipped",
      reason: expect.stringContaining(reason),
      fix: expect.stringMatching(/^Set .+\.$/),
    });
  }
});

test.each(["secret/user-info", "../user-info", "arn:aws:secretsmanager:us-east-2:123456789012:secret"])(
  "group %j is a path or an ARN, so another manager's, and there is no fix",
  (group) => {
    const injection = injector.inject(pod, secretRequest({ group, key: "k" }), injectionContext(pod));
    expect(injection).toEqual({ outcome: "skipped", reason: `no Secret can have the name "${group}"` });
  },
);

test.each([
  ["a", "k"],
  ["team.user-info", "tls.crt"],
  ["0", ".dockerconfigjson"],
  ["a".repeat(253), "K".repeat(253)],
])("group %j and key %j are a Secret and its key", (group, key) => {
  const request = secretRequest({ group, key, mountRequirement: "FILE" });
  expect(injector.inject(pod, request, injectionContext(pod))).toMatchObject({ outcome: "injected" });
});
