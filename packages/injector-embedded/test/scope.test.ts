import { describe, expect, test } from "vitest";

import { LABELS, OF_DOMAIN, OF_ORGANIZATION, OF_PROJECT, ask, envOf, labelledPod, openEmbedded } from "./admitted.ts";
import { createMemoryStore } from "./memory-store.ts";

const everywhere = createMemoryStore({
  [OF_PROJECT("token")]: "of the project",
  [OF_DOMAIN("token")]: "of the domain",
  [OF_DOMAIN("shared")]: "of the domain",
  [OF_ORGANIZATION("shared")]: "of the organization",
  [OF_ORGANIZATION("common")]: "of the organization",
});

describe("a secret", () => {
  test.each([
    ["token", "of the project"],
    ["shared", "of the domain"],
    ["common", "of the organization"],
  ])("%s comes from the narrowest scope that has it: %s", async (key, value) => {
    const injector = await openEmbedded(everywhere);
    expect(envOf(await ask(injector, { key }))[`_FSEC_${key.toUpperCase()}`]).toBe(value);
  });

  test("that no scope has is left to the next manager, and the reason names where it was looked for", async () => {
    const injector = await openEmbedded(everywhere);
    expect(await ask(injector, { key: "other" })).toMatchObject({
      outcome: "skipped",
      reason: expect.stringMatching(/no secret "other", neither for project "billing" and domain "production"/),
    });
  });

  test.each(["denied", "disabled", "unavailable", "invalid-answer"] as const)(
    "is not looked for in a wider scope when the store answers %s",
    async (behaviour) => {
      const store = createMemoryStore({ [OF_ORGANIZATION("common")]: "of the organization" });
      store.behaviour = behaviour;
      const injector = await openEmbedded(store);

      expect(await ask(injector, { key: "common" })).toMatchObject({ outcome: "refused" });
      expect(store.asked).toEqual([OF_PROJECT("common")]);
    },
  );
});

describe("the labels of a pod", () => {
  test.each([
    ["organization", "the pod has no label organization"],
    ["project", "the pod has no label project"],
    ["domain", "the pod has no label domain"],
  ])("have to name its %s", async (label, reason) => {
    const labels = Object.fromEntries(Object.entries(LABELS).filter(([name]) => name !== label));
    const injector = await openEmbedded(everywhere);
    expect(await ask(injector, { key: "token" }, labelledPod(labels))).toMatchObject({ outcome: "skipped", reason });
  });

  // Else a domain `a__project__b` without a project would be a project of the domain `a`.
  test.each(["a__b", "-a", "a/b", "a".repeat(64), "a\nb"])("cannot be %j", async (domain) => {
    const store = createMemoryStore();
    const injector = await openEmbedded(store);

    expect(await ask(injector, { key: "token" }, labelledPod({ ...LABELS, domain }))).toMatchObject({
      outcome: "skipped",
    });
    expect(store.asked).toEqual([]);
  });
});

describe("by default", () => {
  const options = { scope: {} };
  const labels = { ...LABELS, organization: "flyte" };
  const store = createMemoryStore({
    u__org__flyte__domain__production__project__billing__key__token: "secret",
    [OF_PROJECT("token")]: "of another organization",
  });

  test("a pod in the namespace of its project and domain gets their secrets", async () => {
    const injector = await openEmbedded(store, options);
    const given = await ask(injector, { key: "token" }, labelledPod(labels), { namespace: "billing-production" });
    expect(envOf(given)["_FSEC_TOKEN"]).toBe("secret");
  });

  test("a pod elsewhere gets none, whatever its labels say, and the store is not asked", async () => {
    const injector = await openEmbedded(store, options);
    const before = store.asked.length;
    expect(await ask(injector, { key: "token" }, labelledPod(labels), { namespace: "mallory" })).toMatchObject({
      outcome: "skipped",
      reason: expect.stringContaining('pods of namespace "mallory" get no secrets of namespace "billing-production"'),
    });
    expect(store.asked.slice(before)).toEqual([]);
  });

  test("a pod of another organization gets none", async () => {
    const injector = await openEmbedded(store, options);
    const asked = ask(injector, { key: "token" }, labelledPod(LABELS), { namespace: "billing-production" });
    expect(await asked).toMatchObject({
      outcome: "skipped",
      reason: expect.stringContaining('the pod is of organization "acme"'),
    });
  });
});

test("the pattern of the namespace may name the organization", async () => {
  const scope = { organization: "*", namespace: "{organization}-{project}-{domain}" };
  const injector = await openEmbedded(everywhere, { scope });
  const given = await ask(injector, { key: "token" }, labelledPod(), { namespace: "acme-billing-production" });
  expect(envOf(given)["_FSEC_TOKEN"]).toBe("of the project");
});

test("a command gets no values, and the store is not asked", async () => {
  const store = createMemoryStore({ [OF_PROJECT("token")]: "secret" });
  const injector = await openEmbedded(store, {}, { offline: true });

  expect(await ask(injector, { key: "token" })).toMatchObject({
    outcome: "refused",
    code: "embedded/not-in-a-cluster",
  });
  expect(store.asked).toEqual([]);
});
