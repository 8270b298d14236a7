import type { Mutation, Pod } from "@pod-secrets/core";
import {
  admitPod,
  asReinvoked,
  injectionContext,
  openInjector,
  secretRequest,
  secretRequests,
  testContainer,
  testPod,
  withRequests,
  type RequestFields,
} from "@pod-secrets/injector-testkit";
import { expect, test } from "vitest";

import plugin from "../src/index.ts";

const injector = await openInjector(plugin);

function mutate(pod: Pod, ...requests: RequestFields[]): Promise<Mutation> {
  return admitPod(withRequests(pod, secretRequests(requests)), [injector]);
}

const GROUP = "arn:aws:secretsmanager:us-east-2:123456789012:secret";
const FILE = "/etc/flyte/secrets/arn:aws:secretsmanager:us-east-2:123456789012:secret/db-password";

test("an init container fetches the secret into a memory volume that all others read", async () => {
  const pod = testPod({ initContainers: [testContainer({ name: "prepare" })] });
  const { pod: after } = (await mutate(pod, { group: GROUP, key: "DB-Password" })) as { pod: Pod };
  expect(after.spec?.volumes).toEqual([{ name: "aws-secret-vol", emptyDir: { medium: "Memory" } }]);
  expect(after.spec?.initContainers).toMatchObject([
    { name: "prepare", volumeMounts: [{ name: "aws-secret-vol", readOnly: true, mountPath: "/etc/flyte/secrets" }] },
    {
      name: "aws-pull-secret-1",
      image: "docker.io/amazon/aws-secrets-manager-secret-sidecar:v0.1.4",
      env: [
        { name: "SECRET_ARN", value: `${GROUP}:DB-Password` },
        { name: "SECRET_FILENAME", value: FILE.slice("/etc/flyte/secrets".length) },
        { name: "FLYTE_SECRETS_DEFAULT_DIR", value: "/etc/flyte/secrets" },
        { name: "FLYTE_SECRETS_FILE_PREFIX" },
      ],
      volumeMounts: [{ name: "aws-secret-vol", mountPath: "/tmp" }],
    },
  ]);
  expect(after.spec?.containers).toMatchObject([
    {
      env: [{ name: "FLYTE_SECRETS_DEFAULT_DIR", value: "/etc/flyte/secrets" }, { name: "FLYTE_SECRETS_FILE_PREFIX" }],
      volumeMounts: [{ name: "aws-secret-vol", readOnly: true, mountPath: "/etc/flyte/secrets" }],
    },
  ]);
});

test("env_var holds the path of the file", () => {
  const pod = testPod();
  const request = secretRequest({ group: GROUP, key: "DB-Password", envVar: "PASSWORD_FILE" });
  const injection = injector.inject(pod, request, injectionContext(pod));
  expect(injection).toHaveProperty("pod.spec.containers.0.env.2", { name: "PASSWORD_FILE", value: FILE });
});

test("colons between group and key are one in the ARN", () => {
  const pod = testPod();
  const request = secretRequest({ group: `${GROUP}::`, key: "::name" });
  expect(injector.inject(pod, request, injectionContext(pod))).toHaveProperty(
    "pod.spec.initContainers.0.env.0.value",
    `${GROUP}:name`,
  );
});

test("an env var is not given, and the next manager is asked", () => {
  const pod = testPod();
  const request = secretRequest({ group: GROUP, key: "name", mountRequirement: "ENV_VAR" });
  expect(injector.inject(pod, request, injectionContext(pod))).toEqual({
    outcome: "skipped",
    reason: "secrets of AWS Secrets Manager are files, not env vars",
    fix: "Ask for it as FILE or ANY; env_var then holds the path of the file.",
  });
});

test("an env var of a name that is no ARN is most likely another manager's, so there is no fix", () => {
  const pod = testPod();
  const request = secretRequest({ group: "user-info", key: "name", mountRequirement: "ENV_VAR" });
  expect(injector.inject(pod, request, injectionContext(pod))).toEqual({
    outcome: "skipped",
    reason: "secrets of AWS Secrets Manager are files, not env vars",
  });
});

test.each([
  ["", "name", "the group is missing"],
  [GROUP, "", "the key is missing"],
])("group %j and key %j are left to the next manager: %s", (group, key, reason) => {
  const pod = testPod();
  const injection = injector.inject(pod, secretRequest({ group, key }), injectionContext(pod));
  expect(injection).toMatchObject({ outcome: "skipped", reason, fix: expect.stringMatching(/^Set .+\.$/) });
});

test("a name that leads out of the secrets directory is refused", async () => {
  const mutation = await mutate(testPod(), { group: `${GROUP}:../..`, key: "name" }, { group: "..", key: "name" });
  expect(mutation).toMatchObject({ outcome: "refused", message: expect.stringContaining("E_PATH_UNSAFE") });
});

test("`$(NAME)` in group or key reaches the puller as it is, and is not expanded by the kubelet", () => {
  const pod = testPod();
  const request = secretRequest({ group: GROUP, key: "a$(HOME)" });
  expect(injector.inject(pod, request, injectionContext(pod))).toMatchObject({
    pod: {
      spec: {
        initContainers: [
          {
            env: [
              { value: `${GROUP}:a$$(HOME)` },
              { value: `/${GROUP}/a$$(home)` },
              expect.anything(),
              expect.anything(),
            ],
          },
        ],
      },
    },
  });
});

test("the API server may call again: nothing is left to do", async () => {
  const requests = [
    { group: GROUP, key: "a$(b)", envVar: "A_FILE" },
    { group: GROUP, key: "b" },
  ];
  const { pod } = (await mutate(testPod(), ...requests)) as { pod: Pod };
  expect(await mutate(asReinvoked(pod), ...requests)).toMatchObject({ outcome: "unchanged" });
});
