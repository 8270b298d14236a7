import type { Container } from "@pod-secrets/core";
import { asReinvoked } from "@pod-secrets/injector-testkit";
import { describe, expect, test } from "vitest";

import { admit, admitted, initContainers, podAsking, vendingManager } from "./pods.ts";

const ASK = { group: "db", key: "Password" };
const PREPARE = { name: "prepare", image: "example.com/prepare:1" };

test("each secret has a puller that writes where all other containers read", async () => {
  const pod = await admitted(podAsking([ASK, { group: "db", key: "user" }], { initContainers: [PREPARE] }));
  const look = [
    { name: "FLYTE_SECRETS_DEFAULT_DIR", value: "/etc/flyte/secrets" },
    { name: "FLYTE_SECRETS_FILE_PREFIX" },
  ];
  const mount = { name: "vending-secret-vol", readOnly: true, mountPath: "/etc/flyte/secrets" };
  const amount = { cpu: "200m", memory: "500Mi" };
  const puller = (name: string, secret: string): object => ({
    name,
    image: "example.com/vend:1",
    command: ["vend", secret, `/etc/flyte/secrets/${secret.toLowerCase()}`],
    env: look,
    resources: { limits: amount, requests: amount },
    volumeMounts: [{ name: "vending-secret-vol", mountPath: "/etc/flyte/secrets" }],
  });
  expect(pod.spec?.volumes).toEqual([{ name: "vending-secret-vol", emptyDir: { medium: "Memory" } }]);
  expect(initContainers(pod)).toEqual([
    { ...PREPARE, env: look, volumeMounts: [mount] },
    puller("vending-pull-secret-1", "db/Password"),
    puller("vending-pull-secret-2", "db/user"),
  ]);
  expect(pod.spec?.containers).toMatchObject([{ env: look, volumeMounts: [mount] }]);
});

test("the same secret twice has one puller, and the API server may call again", async () => {
  const pod = await admitted(podAsking([ASK, ASK]));
  expect(initContainers(pod)).toHaveLength(1);
  expect(await admit(asReinvoked(pod))).toMatchObject({ outcome: "unchanged" });
});

describe("an env_var holds the path of the file", () => {
  const asks = ["a", "b"].map((key) => ({ group: "db", key, envVar: `${key.toUpperCase()}_FILE` }));
  const namesIn = (list: readonly { readonly env?: readonly { readonly name: string }[] }[] = []): unknown =>
    list.map(({ env = [] }) => env.flatMap(({ name }) => (/^[AB]_FILE$/.test(name) ? [name] : [])));

  test.each([
    ["nothing of it", false, [[], []]],
    ["its own", true, [["A_FILE"], ["B_FILE"]]],
  ])("and a puller has %s", async (_what, hasEnvVar, expected) => {
    const pod = await admitted(podAsking(asks), vendingManager({}, { hasEnvVar }));
    expect(namesIn(initContainers(pod))).toEqual(expected);
    expect(namesIn(pod.spec?.containers)).toEqual([["A_FILE", "B_FILE"]]);
    expect(await admit(asReinvoked(pod), vendingManager({}, { hasEnvVar }))).toMatchObject({
      outcome: "unchanged",
    });
  });
});

test.each([
  ["names that differ only by case", { group: "db", key: "PASSWORD" }],
  ["a file where another needs a directory", { group: "db/password", key: "part" }],
])("%s are refused", async (_what, other) => {
  for (const asks of [
    [ASK, other],
    [other, ASK],
  ])
    expect(await admit(podAsking(asks))).toMatchObject({ outcome: "refused", code: "E_FILE_COLLISION" });
});

test("a container of the pod's own that is only named as a puller is one like all others", async () => {
  const own = { name: "vending-pull-secret-0", image: "example.com/own:1", command: ["true"] };
  const pod = await admitted(podAsking([ASK], { initContainers: [own] }));
  expect(initContainers(pod)).toMatchObject([
    { ...own, volumeMounts: [{ readOnly: true, mountPath: "/etc/flyte/secrets" }] },
    { name: "vending-pull-secret-1" },
  ]);
});

test("with `position: first` the pod's own init containers run after the pullers", async () => {
  const pod = await admitted(podAsking([ASK], { initContainers: [PREPARE] }), vendingManager({ position: "first" }));
  expect(initContainers(pod).map(({ name }) => name)).toEqual(["vending-pull-secret-1", "prepare"]);
});

test("a puller may have the volume elsewhere", async () => {
  const pod = await admitted(podAsking([ASK]), vendingManager({}, { writeDirectory: "/tmp" }));
  expect(initContainers(pod)).toMatchObject([{ volumeMounts: [{ mountPath: "/tmp" }] }]);
});

test("what an init container of the pod fetches is read once, however many secrets there are", async () => {
  const read: (string | undefined)[] = [];
  const pullOf = ({ command = [] }: Container): undefined => void read.push(command[0]);
  const own = { name: "vending-pull-secret-0", image: "example.com/own:1", command: ["own"] };
  const asks = Array.from({ length: 20 }, (_, index) => ({ group: "db", key: `k${index}` }));
  await admitted(podAsking(asks, { initContainers: [own] }), vendingManager({}, { pullOf }));
  // And again with the mount and the look-up that it gets as well, since it is no puller.
  expect(read.filter((program) => program === "own").length).toBeLessThanOrEqual(3);
});
