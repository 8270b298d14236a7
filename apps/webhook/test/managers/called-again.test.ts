/**
 * The API server calls again, and other webhooks change the pod in between. Whether two secrets exclude each other is
 * told by what they are and not by what a container holds, so the second answer is never another one.
 */
import { encodeRequests, type Annotations, type Mutation, type Pod, type SecretAsk } from "@pod-secrets/core";
import { asReinvoked, testContainer, withVaultAgent } from "@pod-secrets/injector-testkit";
import { afterAll, describe, expect, test } from "vitest";

import { podAsking, withContainers } from "./asking.ts";
import { admitted, composedOf } from "./composed.ts";

const MANAGERS = "global: false\nmanagers: [{ use: vault-kv2, options: { unversioned: false } }, { use: k8s }]";
const compositions = await Promise.all(
  ["flyte-v1", "flyte-v2"].map((profile) => composedOf(`profile: ${profile}\n${MANAGERS}`)),
);
const [V1, V2] = compositions.map(({ settings }) => settings) as [Settings, Settings];
afterAll(() => Promise.all(compositions.map((composition) => composition.dispose())));

type Settings = Parameters<typeof admitted>[1];

const PROFILES = [
  ["flyte-v1", V1],
  ["flyte-v2", V2],
] as const;

const asEnvVar = (key: string, more: SecretAsk = {}): SecretAsk => ({
  group: "a-b",
  key,
  mountRequirement: "ENV_VAR",
  ...more,
});
const reference = (key: string) => ({ valueFrom: { secretKeyRef: { name: "a-b", key, optional: true } } });

function withAnnotations(pod: Pod, annotations: Annotations): Pod {
  return { ...pod, metadata: { ...pod.metadata, annotations: { ...pod.metadata?.annotations, ...annotations } } };
}

function codeOf(mutation: Mutation): string {
  return mutation.outcome === "refused" ? mutation.code : mutation.outcome;
}

describe.each(PROFILES)("under %s", (_, settings) => {
  test.each(["FLYTE_SECRETS_DEFAULT_DIR", "FLYTE_SECRETS_FILE_PREFIX", "FLYTE_SECRETS_ENV_PREFIX"])(
    "an env_var %s is refused, whatever the pod holds",
    async (envVar) => {
      const asks: readonly SecretAsk[] = [{ group: "a-b", key: "c", envVar }, asEnvVar("c", { envVar })];
      for (const ask of asks) {
        for (const env of [[], [{ name: envVar }], [{ name: envVar, value: "own" }]]) {
          const pod = withContainers(podAsking(ask), [testContainer({ env })]);
          expect(codeOf(await admitted(pod, settings))).toBe("E_ENV_FORBIDDEN");
        }
      }
    },
  );

  test("two keys that are one env var are refused, whatever the pod holds under its name", async () => {
    const name = `${settings.naming.envPrefix}A-B_C.D`;
    const asks = [asEnvVar("c.d"), asEnvVar("C.D")];
    for (const env of [
      [],
      [{ name, ...reference("c.d") }],
      [{ name, ...reference("C.D") }],
      [{ name, value: "own" }],
    ]) {
      const pod = withContainers(podAsking(...asks), [testContainer({ env })]);
      expect(codeOf(await admitted(pod, settings))).toBe("E_ENV_COLLISION");
    }
  });

  test.each([
    ["the derived name of another", asEnvVar("c"), asEnvVar("d", { envVar: `${settings.naming.envPrefix}A-B_C` })],
    ["that of another", asEnvVar("c", { envVar: "X" }), asEnvVar("d", { envVar: "X" })],
    ["that of a file", { group: "a-b", key: "c", envVar: "X" }, asEnvVar("c", { envVar: "X" })],
  ])("an env_var that is %s is refused, whatever the pod holds", async (_what, one, other) => {
    const own = ["X", `${settings.naming.envPrefix}A-B_C`].map((name) => ({ name, value: "own" }));
    for (const env of [[], own]) {
      for (const asks of [
        [one, other],
        [other, one],
      ]) {
        const pod = withContainers(podAsking(...asks), [testContainer({ env })]);
        expect(codeOf(await admitted(pod, settings))).toBe("E_ENV_COLLISION");
      }
    }
  });

  test("one secret asked for as env var and as file, or twice, is one secret", async () => {
    const ask = asEnvVar("c", { envVar: "X" });
    const own = [{ name: "X", value: "own" }];
    for (const env of [[], own]) {
      const pod = withContainers(podAsking(ask, ask, { ...ask, mountRequirement: "FILE", envVar: "" }), [
        testContainer({ env }),
      ]);
      expect(codeOf(await admitted(pod, settings))).toBe("changed");
    }
  });

  test("a container that joins in between gets what the others have, and no other changes", async () => {
    const asks = [asEnvVar("c.d", { envVar: "X" }), { group: "files", key: "k" }];
    const own = [{ name: `${settings.naming.envPrefix}A-B_C.D`, ...reference("c.d") }];
    const first = await admitted(withContainers(podAsking(...asks), [testContainer({ env: own })]), settings);
    if (first.outcome !== "changed") throw new Error(codeOf(first));
    const joined = asReinvoked(first.pod);
    const sidecar = testContainer({ name: "sidecar" });
    const containers = [...(joined.spec?.containers ?? []), sidecar];
    const second = await admitted(withContainers(joined, containers), settings);
    if (second.outcome !== "changed") throw new Error(codeOf(second));
    expect(second.patch.map(({ path }) => path).filter((path) => !path.startsWith("/spec/containers/1/"))).toEqual([]);
    expect(codeOf(await admitted(asReinvoked(second.pod), settings))).toBe("unchanged");
  });
});

describe("the pod's own annotations for the Vault Agent Injector", () => {
  const K8S: SecretAsk = { group: "g", key: "k" };
  const VAULT: SecretAsk = { group: "secret/data/app", groupVersion: "kv2", key: "password" };
  const prefix = "vault.hashicorp.com/";

  test.each([
    ["file", { [`${prefix}agent-inject-secret-x`]: "secret/x", [`${prefix}agent-inject-file-x`]: "g" }],
    ["file without a secret", { [`${prefix}agent-inject-file-x`]: "g" }],
    ["file that has the name of its id", { [`${prefix}agent-inject-secret-g`]: "secret/x" }],
    [
      "file with a volume path of its own",
      {
        [`${prefix}agent-inject-file-x`]: "secrets/g/x",
        [`${prefix}secret-volume-path-x`]: "/etc/flyte",
      },
    ],
    [
      "directory",
      { [`${prefix}agent-inject-secret-x`]: "secret/x", [`${prefix}secret-volume-path-x`]: "/etc/flyte/secrets/g/" },
    ],
  ])("a %s where another secret is mounted is refused at once, in any order", async (_, annotations) => {
    for (const asks of [
      [K8S, VAULT],
      [VAULT, K8S],
    ]) {
      const pod = withAnnotations(podAsking(...asks), annotations);
      expect(codeOf(await admitted(pod, V1))).toBe("E_MOUNT_CONFLICT");
    }
  });

  test("beside it they are the pod's own business, also after the Vault Agent Injector", async () => {
    const annotations = { [`${prefix}agent-inject-secret-x`]: "secret/x", [`${prefix}agent-inject-file-x`]: "h" };
    const first = await admitted(withAnnotations(podAsking(K8S, VAULT), annotations), V1);
    if (first.outcome !== "changed") throw new Error(codeOf(first));
    const second = await admitted(asReinvoked(withVaultAgent(first.pod)), V1);
    if (second.outcome !== "changed") throw new Error(codeOf(second));
    expect(second.patch.map(({ path }) => path).filter((path) => !path.startsWith("/spec/initContainers/0/"))).toEqual(
      [],
    );
  });
});

test.each(PROFILES)("a global secret asked for in two spellings is one secret: %s", async (profile, _settings) => {
  process.env["CALLED_AGAIN_A_B"] = "value";
  const yaml = `profile: ${profile}\nglobal: { envPrefix: CALLED_AGAIN_ }\nmanagers: [{ use: k8s }]`;
  const composition = await composedOf(yaml);
  delete process.env["CALLED_AGAIN_A_B"];
  const asks = ["a", "A"].map((group) => ({ group, key: group === "a" ? "b" : "B", envVar: "X" }));
  for (const env of [[], [{ name: "X", value: "own" }]]) {
    const pod = withContainers(podAsking(...asks), [testContainer({ env })]);
    const first = await admitted(pod, composition.settings);
    expect(codeOf(first)).toBe("changed");
    const again = await admitted(asReinvoked(first.outcome === "refused" ? {} : first.pod), composition.settings);
    expect(codeOf(again)).toBe("unchanged");
  }
  await composition.dispose();
});

describe("a pod that grows by its secrets up to the limits", () => {
  const annotations = (asks: readonly SecretAsk[]): Pod => ({ metadata: { annotations: encodeRequests(asks) } });
  const many = (count: number, ask: (index: number) => SecretAsk, containers: number): Pod =>
    withContainers(
      annotations(Array.from({ length: count }, (_, index) => ask(index))),
      Array.from({ length: containers }, (_, index) => testContainer({ name: `c${index}` })),
    );

  test.each([
    ["256 env vars in 39 containers", many(256, (index) => asEnvVar(`k${index}`), 39)],
    ["256 mounts in 39 containers", many(256, (index) => ({ group: `g${index}`, key: "k" }), 39)],
  ])("is taken the second time as well: %s", async (_, pod) => {
    const first = await admitted(pod, V1);
    if (first.outcome !== "changed") throw new Error(codeOf(first));
    expect(codeOf(await admitted(asReinvoked(first.pod), V1))).toBe("unchanged");
  });

  test.each([
    [
      "that each bring a container",
      many(100, (index) => ({ group: "arn:aws:secretsmanager:eu-west-1:123456789012:secret", key: `s${index}` }), 1),
    ],
    ["with two env vars each", many(256, (index) => asEnvVar(`k${index}`, { envVar: `V${index}` }), 39)],
  ])("is refused at once beyond them: secrets %s", async (_, pod) => {
    const { settings, ...composition } = await composedOf("global: false\nmanagers: [{ use: k8s }, { use: aws }]");
    expect(codeOf(await admitted(pod, settings))).toBe("E_TOO_MANY_SECRETS");
    await composition.dispose();
  });
});
