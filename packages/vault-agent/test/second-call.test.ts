import { applyPatch, type Pod, type ProfileName, type SecretAsk } from "@pod-secrets/core";
import { describe, expect, test } from "vitest";

import { KV2, admit, admitted, injectorOf, podAsking, secretIds } from "./admission.ts";

const ASKS: readonly SecretAsk[] = [
  { group: "secret/data/app", key: "password", envVar: "PASSWORD_FILE" },
  { group: "secret/data/app", key: "api-key" },
  { group: "secret/app", groupVersion: "kv1", key: "token" },
  { group: "database/creds/app", groupVersion: "db", key: "login" },
];
const INIT = { initContainers: [{ name: "setup", image: "example.com/setup:1" }] };

/** As an API server hands a pod on: it writes no empty strings and no empty lists. */
function asStored(pod: Pod): Pod {
  return JSON.parse(JSON.stringify(pod), (name, value: unknown) =>
    value === "" && name === "value" ? undefined : value,
  ) as Pod;
}

describe.each<ProfileName>(["flyte-v1", "flyte-v2"])("%s", (profile) => {
  test("the same pod gives the same bytes", async () => {
    const [first, second] = await Promise.all([1, 2].map(() => admit(podAsking(ASKS, {}, INIT), { profile })));
    expect(JSON.stringify(first)).toBe(JSON.stringify(second));
    expect(first?.outcome).toBe("changed");
  });

  test("our own pod, when it comes back, needs no patch", async () => {
    const pod = asStored(await admitted(podAsking(ASKS, {}, INIT), { profile }));
    expect(await admit(pod, { profile })).toMatchObject({ outcome: "unchanged" });
  });

  test("a secret that joins before the agent is added, and those that are there stay", async () => {
    const [first, ...others] = ASKS;
    const some = await admitted(podAsking(others), { profile });
    const more: Pod = {
      ...some,
      metadata: {
        ...some.metadata,
        annotations: { ...some.metadata?.annotations, ...podAsking([first ?? {}, ...others]).metadata?.annotations },
      },
    };
    const mutation = await admit(more, { profile });
    if (mutation.outcome !== "changed") throw new Error(mutation.outcome);
    expect(mutation.patch.filter(({ op }) => op !== "add")).toEqual([]);
    expect(applyPatch(more, mutation.patch)).toEqual(mutation.pod);
    expect(secretIds(mutation.pod)).toHaveLength(4);
  });
});

test("a change of the configured role leaves pods as they were admitted", async () => {
  const pod = await admitted(podAsking(ASKS.slice(0, 1)));
  const injectors = [injectorOf(KV2, { role: "other" })];
  expect(await admit(pod, { injectors })).toMatchObject({ outcome: "unchanged" });
});

test("what came with the agent is left as it is", async () => {
  const { metadata, spec } = await admitted(podAsking(ASKS.slice(0, 1)));
  const annotations = { ...metadata?.annotations, "vault.hashicorp.com/agent-inject-status": "injected" };
  const initContainers = [{ name: "vault-agent-init", image: "hashicorp/vault:2.0.4" }];
  const pod: Pod = { metadata: { ...metadata, annotations }, spec: { containers: [], ...spec, initContainers } };
  expect(await admit(pod)).toMatchObject({ outcome: "unchanged" });
});
