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

test("a file of every container holds the key, in lower case, where the task looks", async () => {
  const pod = testPod({ initContainers: [testContainer({ name: "prepare" })] });
  const { pod: after } = (await mutate(pod, { group: "user-info", key: "DB_Password" })) as { pod: Pod };
  expect(after.spec?.volumes).toEqual([
    {
      name: "ovzwk3rnnfxgm216",
      secret: { secretName: "user-info", items: [{ key: "DB_Password", path: "db_password" }], optional: true },
    },
  ]);
  for (const container of [...(after.spec?.initContainers ?? []), ...(after.spec?.containers ?? [])]) {
    expect(container).toMatchObject({
      env: [{ name: "FLYTE_SECRETS_DEFAULT_DIR", value: "/etc/flyte/secrets" }, { name: "FLYTE_SECRETS_FILE_PREFIX" }],
      volumeMounts: [{ name: "ovzwk3rnnfxgm216", readOnly: true, mountPath: "/etc/flyte/secrets/user-info" }],
    });
  }
});

test("env_var holds the path of the file", () => {
  const pod = testPod();
  const request = secretRequest({
    group: "user-info",
    key: "Password",
    mountRequirement: "FILE",
    envVar: "PASSWORD_FILE",
  });
  expect(injector.inject(pod, request, injectionContext(pod))).toMatchObject({
    pod: {
      spec: {
        containers: [
          {
            env: [
              { name: "FLYTE_SECRETS_DEFAULT_DIR" },
              { name: "FLYTE_SECRETS_FILE_PREFIX" },
              { name: "PASSWORD_FILE", value: "/etc/flyte/secrets/user-info/password" },
            ],
          },
        ],
      },
    },
  });
});

test("keys of one Secret share a volume, also under another group_version", async () => {
  const { pod } = (await mutate(
    testPod(),
    { group: "user-info", groupVersion: "v1", key: "a" },
    { group: "user-info", groupVersion: "v2", key: "b" },
  )) as { pod: Pod };
  expect(pod.spec?.volumes).toMatchObject([
    {
      secret: {
        items: [
          { key: "a", path: "a" },
          { key: "b", path: "b" },
        ],
      },
    },
  ]);
  expect(pod.spec?.containers[0]?.volumeMounts).toHaveLength(1);
});

test("the same secret asked for twice is one file", async () => {
  const once = await mutate(testPod(), { group: "user-info", key: "password" });
  const twice = await mutate(
    testPod(),
    { group: "user-info", key: "password" },
    { group: "user-info", key: "password" },
  );
  expect((twice as { pod: Pod }).pod.spec).toEqual((once as { pod: Pod }).pod.spec);
});

test("keys that differ only by case are refused, since they are one file", async () => {
  const mutation = await mutate(testPod(), { group: "user-info", key: "TOKEN" }, { group: "user-info", key: "token" });
  expect(mutation).toMatchObject({ outcome: "refused", message: expect.stringContaining("E_FILE_COLLISION") });
});

test("a Secret with a long name gets a volume with a short one", async () => {
  const group = "a-secret-whose-name-is-longer-than-flyte-can-name-a-volume-after";
  const { pod } = (await mutate(testPod(), { group, key: "password" })) as { pod: Pod };
  const [volume] = pod.spec?.volumes ?? [];
  expect(volume?.name).toMatch(/^fs-[0-9a-f]{20}$/);
  expect(volume?.secret?.secretName).toBe(group);
  expect(pod.spec?.containers[0]?.volumeMounts).toMatchObject([{ name: volume?.name }]);
});

test("the user's own volume of the Secret stays as it is, beside ours", async () => {
  const own = { name: "mine", secret: { secretName: "user-info" } };
  const mount = { name: "mine", mountPath: "/data" };
  const pod = testPod({ volumes: [own], containers: [testContainer({ volumeMounts: [mount] })] });
  const { pod: after } = (await mutate(pod, { group: "user-info", key: "password" })) as { pod: Pod };
  expect(after.spec?.volumes).toEqual([own, expect.objectContaining({ name: "ovzwk3rnnfxgm216" })]);
  expect(after.spec?.containers[0]?.volumeMounts).toEqual([
    mount,
    expect.objectContaining({ name: "ovzwk3rnnfxgm216" }),
  ]);
});

test("a mount of the user at the same path is refused", async () => {
  const volumeMounts = [{ name: "mine", mountPath: "/etc/flyte/secrets/user-info/" }];
  const pod = testPod({ volumes: [{ name: "mine", emptyDir: {} }], containers: [testContainer({ volumeMounts })] });
  const mutation = await mutate(pod, { group: "user-info", key: "password" });
  expect(mutation).toMatchObject({ outcome: "refused", message: expect.stringContaining("E_MOUNT_CONFLICT") });
});

test("the API server may call again: nothing is left to do", async () => {
  const requests = [
    { group: "user-info", key: "a", envVar: "A_FILE" },
    { group: "user-info", key: "b" },
  ];
  const { pod } = (await mutate(testPod(), ...requests)) as { pod: Pod };
  expect(await mutate(asReinvoked(pod), ...requests)).toMatchObject({ outcome: "unchanged" });
});
