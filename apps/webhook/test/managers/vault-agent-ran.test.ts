/** Pods that come back after the Vault Agent Injector has been there. */
import type { Annotations, Pod, SecretAsk } from "@pod-secrets/core";
import { asReinvoked, testContainer, withVaultAgent } from "@pod-secrets/injector-testkit";
import { describe, expect, test } from "vitest";

import { podAsking, withContainers } from "./asking.ts";
import { admitted, composedOf } from "./composed.ts";

const ASKS: readonly SecretAsk[] = [
  { group: "secret/data/app", key: "password", envVar: "PASSWORD_FILE" },
  { group: "secret/data/app", key: "api-key" },
  { group: "secret/app", groupVersion: "kv1", key: "token" },
  { group: "database/creds/app", groupVersion: "db", key: "login" },
];
const MANAGERS = "global: false\nmanagers: [{ use: vault-kv2 }, { use: vault-kv1 }, { use: vault-db }]";

function withAnnotations(pod: Pod, annotations: Annotations): Pod {
  return { ...pod, metadata: { ...pod.metadata, annotations: { ...pod.metadata?.annotations, ...annotations } } };
}

const pod = withContainers(podAsking(...ASKS), [testContainer()], [testContainer({ name: "setup" })]);

describe.each(["flyte-v1", "flyte-v2"])("under %s", async (profile) => {
  const { settings } = await composedOf(`profile: ${profile}\n${MANAGERS}`);

  async function agents(asking: Pod): Promise<Pod> {
    const mutation = await admitted(asking, settings);
    if (mutation.outcome !== "changed") throw new Error(mutation.outcome);
    return asReinvoked(withVaultAgent(mutation.pod));
  }

  test.each(["true", "false"])("nothing is left to do, with agent-pre-populate-only: %s", async (only) => {
    const ran = await agents(withAnnotations(pod, { "vault.hashicorp.com/agent-pre-populate-only": only }));
    expect(ran.spec?.initContainers?.map(({ name }) => name)).toEqual(["setup", "vault-agent-init"]);
    expect(await admitted(ran, settings)).toMatchObject({ outcome: "unchanged" });
  });

  test("a pod that gets a secret only then is refused", async () => {
    const ran = await agents(podAsking(ASKS[0] ?? {}));
    const more = withAnnotations(ran, podAsking(...ASKS.slice(0, 2)).metadata?.annotations ?? {});
    expect((await admitted(more, settings)).decisions).toMatchObject([
      { code: "E_WITHDRAWN" },
      { outcome: "refused", code: "vault-kv2/agent-ran-first" },
    ]);
  });
});

test("without annotations of ours the agent passes the pod by", () => {
  expect(withVaultAgent(pod)).toBe(pod);
});
