import type { SecretAsk } from "@pod-secrets/core";
import { describe, expect, test } from "vitest";

import { DB, KV1, KV2, admit, injectorOf, podAsking, refusal } from "./admission.ts";

const ask = (groupVersion: string): SecretAsk => ({ group: "secret/app", key: "k", groupVersion });

async function takenBy(groupVersion: string): Promise<string | undefined> {
  const [decision] = (await admit(podAsking([ask(groupVersion)]))).decisions;
  return decision?.outcome === "injected" ? decision.injector : undefined;
}

test("group_version chooses the engine", async () => {
  expect(await takenBy("kv1")).toBe("vault-kv1");
  expect(await takenBy("kv2")).toBe("vault-kv2");
  expect(await takenBy("db")).toBe("vault-db");
});

test("without one it is the engine that is configured for that", async () => {
  expect(await takenBy("")).toBe("vault-kv2");
  const injectors = [injectorOf({ ...KV2, unversioned: false }), injectorOf({ ...KV1, unversioned: true })];
  const { decisions } = await admit(podAsking([ask("")]), { injectors });
  expect(decisions).toMatchObject([{ outcome: "injected", injector: "vault-kv1" }]);
});

test("without one, and no engine for that, it is another manager's: a reason without a fix", async () => {
  const { message, answers } = await refusal(podAsking([ask("")]), { injectors: [injectorOf(KV1), injectorOf(DB)] });
  expect(message).toBe("vault-kv1, vault-db: group_version is missing");
  expect(answers).toHaveLength(2);
  for (const answer of answers) expect(answer).not.toHaveProperty("fix");
});

describe("a group_version that is none", () => {
  test.each([
    ["KV2", "kv2"],
    ["kvv2", "kv2"],
    ["kv-v2", "kv2"],
    ["v2", "kv2"],
    ["2", "kv2"],
    ["V1", "kv1"],
    ["kv_1", "kv1"],
    ["DB", "db"],
    ["database", "db"],
  ])("%j is not read as the default, and the fix is %j", async (typo, meant) => {
    const { message, fix } = await refusal(podAsking([ask(typo)]));
    expect(message).toMatch(`vault-${meant}: group_version "${typo}" is not "${meant}"; `);
    expect(fix).toBe(`Set group_version to "${meant}".`);
  });

  test.each(["v7", "kv3", "latest", "1".repeat(10_000)])(
    "%.10s is like no engine, so none says how",
    async (unknown) => {
      const { answers } = await refusal(podAsking([ask(unknown)]));
      expect(answers).toHaveLength(3);
      for (const answer of answers) expect(answer).not.toHaveProperty("fix");
    },
  );

  test("that of an engine that is not configured has no fix either: the others do not know what is", async () => {
    const { answers } = await refusal(podAsking([ask("db")]), { injectors: [injectorOf(KV2)] });
    expect(answers).toEqual([{ injector: "vault-kv2", outcome: "skipped", reason: 'group_version "db" is not "kv2"' }]);
  });
});
