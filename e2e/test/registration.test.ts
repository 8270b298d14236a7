/**
 * The registration against a real API server: made, taken over, and mended within two seconds whatever somebody does
 * to it.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, onTestFinished, test } from "vitest";

import { MUTATING_CONFIGURATIONS, mutatingConfigurationPath } from "../../apps/webhook/src/kubernetes/api-paths.ts";
import type { PatchOperation } from "../../apps/webhook/src/kubernetes/kubernetes-client.ts";
import { encodeBundle } from "../../apps/webhook/src/registration/ca-bundle.ts";
import { createRepairPace } from "../../apps/webhook/src/registration/repair-pace.ts";
import { unregister } from "../../apps/webhook/src/registration/unregister.ts";
import type { WebhookConfiguration } from "../../apps/webhook/src/registration/webhook-configuration.ts";
import { desiredBy, flyteRegistration } from "../../apps/webhook/test/registration/registrations.ts";
import { at, OTHER, ours, registrationRig, REPAIRED, until } from "./rig/registrations.ts";

const rig = registrationRig();

describe("registering", () => {
  test("makes it, and says so once it is there", async () => {
    const name = rig().freshName();
    const registrar = await rig().run(name);
    expect(registrar.problem()).toBe("not registered yet");
    await registrar.publish(rig().bundle);
    await registrar.registered;
    expect(registrar.problem()).toBeUndefined();
    expect(ours(await rig().read(name))?.clientConfig.caBundle).toBe(encodeBundle(rig().bundle));
    expect(registrar.writes).toEqual(["create"]);
  });
  test("waits for the CA bundle, unless it is left to others", async () => {
    const waiting = rig().freshName();
    await rig().run(waiting);
    const name = rig().freshName();
    const registrar = await rig().run(name, { section: { caBundle: "none" } });
    await registrar.registered;
    expect(ours(await rig().read(name))?.clientConfig).not.toHaveProperty("caBundle");
    await expect(rig().read(waiting)).rejects.toMatchObject({ failure: "not-found" });
  });
  test.each<object>([
    {},
    { url: "https://127.0.0.1:9443" },
    { failurePolicy: "Ignore", timeoutSeconds: 1, reinvocationPolicy: "Never" },
    { namespaceSelector: {}, objectSelector: {} },
    { namespaceSelector: { matchLabels: {}, matchExpressions: [] } },
    { objectSelector: { matchExpressions: [{ key: "a", operator: "Exists", values: [] }] } },
    { matchConditions: [{ name: "a", expression: "object.metadata.name != 'x'" }] },
    { labels: { "a.b/c": "d" }, annotations: { e: "f" } },
    { owner: { kind: "Namespace", name: "kube-system" } },
  ])("finds no drift in what the API server makes of %j", async (section) => {
    const [name, registrar] = await rig().registered({ section, resync: 1000 });
    const { metadata } = await rig().read(name);
    await sleep(2500);
    expect(registrar.writes).toEqual(["create"]);
    expect((await rig().read(name)).metadata.resourceVersion).toBe(metadata.resourceVersion);
  });
  test("takes over what Flyte's webhook left, in place", async () => {
    const name = rig().freshName();
    const flyte = flyteRegistration();
    const { ownerReferences = [] } = flyte.metadata;
    const before = await rig().client.create<WebhookConfiguration>(MUTATING_CONFIGURATIONS, {
      ...flyte,
      metadata: { name, ownerReferences },
    });
    const registrar = await rig().run(name);
    await registrar.publish(rig().bundle);
    const after = await rig().read(name);
    expect(after.metadata.uid).toBe(before.metadata.uid);
    expect(after.metadata.ownerReferences).toBeUndefined();
    expect(after.webhooks).toHaveLength(1);
    expect(ours(after)).toMatchObject({ sideEffects: "None", clientConfig: { caBundle: encodeBundle(rig().bundle) } });
    expect(registrar.logged.map(({ fields }) => fields["from"])).toContain("Flyte's webhook, or a manifest");
  });
  test("is one registration also when many replicas start at once", async () => {
    const name = rig().freshName();
    const replicas = await Promise.all(Array.from({ length: 10 }, () => rig().run(name)));
    await Promise.all(replicas.map((replica) => replica.publish(rig().bundle)));
    expect(replicas.flatMap(({ writes }) => writes)).toEqual(["create"]);
    expect(replicas.flatMap(({ logged }) => logged).filter(({ level }) => level !== "info")).toEqual([]);
  });
  test("publishes another CA bundle at once, however often", async () => {
    const [name, registrar] = await rig().registered({ pace: createRepairPace() });
    for (let time = 0; time < 6; time += 1) {
      const start = performance.now();
      const next = time % 2 === 0 ? rig().otherBundle : rig().bundle;
      await registrar.publish(next);
      expect(performance.now() - start).toBeLessThan(REPAIRED);
      expect(ours(await rig().read(name))?.clientConfig.caBundle).toBe(encodeBundle(next));
    }
  });
});

describe("drift", () => {
  const drifts: readonly (readonly [string, readonly PatchOperation[]])[] = [
    ["rules", [at("rules", [{ operations: ["*"], apiGroups: [""], apiVersions: ["v1"], resources: ["pods"] }])]],
    ["failurePolicy", [at("failurePolicy", "Ignore")]],
    ["matchPolicy", [at("matchPolicy", "Exact")]],
    ["namespaceSelector", [at("namespaceSelector", {})]],
    ["objectSelector", [at("objectSelector", { matchLabels: { never: "matches" } })]],
    ["sideEffects", [at("sideEffects", "NoneOnDryRun")]],
    ["timeoutSeconds", [at("timeoutSeconds", 30)]],
    ["admissionReviewVersions", [at("admissionReviewVersions", ["v1beta1"])]],
    ["reinvocationPolicy", [at("reinvocationPolicy", "Never")]],
    ["matchConditions", [at("matchConditions", [{ name: "never", expression: "false" }])]],
    ["clientConfig", [at("clientConfig/service/path", "/elsewhere")]],
    ["clientConfig", [at("clientConfig/service/namespace", "elsewhere")]],
    [
      "clientConfig",
      [{ op: "remove", path: "/webhooks/0/clientConfig/service" }, at("clientConfig/url", "https://a/")],
    ],
    ["caBundle", [{ op: "remove", path: "/webhooks/0/clientConfig/caBundle" }]],
    ["webhooks", [{ op: "remove", path: "/webhooks" }]],
    ["webhooks", [at("name", "renamed.example.com")]],
    ["annotations", [{ op: "remove", path: "/metadata/annotations/pod-secrets.dev~1installation" }]],
  ];
  test.each(drifts)("of %s is repaired in two seconds: %j", async (field, operations) => {
    const [name, registrar] = await rig().registered();
    const { webhooks } = await rig().read(name);
    await rig().change(name, operations);
    const isRight = async (): Promise<boolean> =>
      JSON.stringify((await rig().read(name)).webhooks) === JSON.stringify(webhooks);
    const isMarked = async (): Promise<boolean> =>
      (await rig().read(name)).metadata.annotations?.["pod-secrets.dev/installation"] !== undefined;
    expect(await until(async () => (await isRight()) && (await isMarked()))).toBeLessThan(REPAIRED);
    expect(registrar.logged.findLast(({ message }) => message === "registration repaired")?.fields["fields"]).toContain(
      field,
    );
  });
  test("of the CA bundle is repaired in two seconds, 20 times, wherever the entry is; others' entries stay", async () => {
    const [name] = await rig().registered();
    const wrong = encodeBundle(rig().otherBundle);
    const times: number[] = [];
    for (let time = 0; time < 20; time += 1) {
      const { webhooks = [] } = await rig().read(name);
      const entry = webhooks.find((each) => each.name !== OTHER.name);
      const spoilt = { ...entry, clientConfig: { ...entry?.clientConfig, caBundle: time % 2 === 0 ? wrong : "" } };
      const value = time % 4 < 2 ? [OTHER, spoilt] : [spoilt, OTHER];
      await rig().change(name, [{ op: "replace", path: "/webhooks", value }]);
      times.push(
        await until(async () => {
          const now = await rig().read(name);
          return now.webhooks?.length === 2 && ours(now)?.clientConfig.caBundle === encodeBundle(rig().bundle);
        }),
      );
    }
    expect(Math.max(...times)).toBeLessThan(REPAIRED);
  });
  test("is made again in two seconds when it is deleted", async () => {
    const [name] = await rig().registered();
    await rig().client.remove(mutatingConfigurationPath(name));
    expect(await until(async () => ours(await rig().read(name)) !== undefined)).toBeLessThan(REPAIRED);
  });
  test("is repaired without a change to what others put there", async () => {
    const [name] = await rig().registered();
    await rig().change(name, [
      { op: "add", path: "/metadata/labels", value: { theirs: "1" } },
      { op: "add", path: "/metadata/annotations/theirs", value: "2" },
      { op: "add", path: "/metadata/finalizers", value: ["example.com/theirs"] },
      { op: "add", path: "/webhooks/-", value: OTHER },
      at("timeoutSeconds", 2),
    ]);
    onTestFinished(async () => void (await rig().change(name, [{ op: "remove", path: "/metadata/finalizers" }])));
    await until(async () => ours(await rig().read(name))?.["timeoutSeconds"] === 10);
    const { metadata, webhooks } = await rig().read(name);
    expect(metadata).toMatchObject({
      labels: { theirs: "1" },
      annotations: { theirs: "2" },
      finalizers: ["example.com/theirs"],
    });
    expect(webhooks?.map((entry) => entry.name)).toContain(OTHER.name);
  });
  test("is mended by one of many replicas", async () => {
    const name = rig().freshName();
    const replicas = await Promise.all(Array.from({ length: 5 }, () => rig().run(name)));
    await Promise.all(replicas.map((replica) => replica.publish(rig().bundle)));
    for (let time = 0; time < 5; time += 1) {
      await rig().change(name, [at("timeoutSeconds", 2)]);
      await until(async () => ours(await rig().read(name))?.["timeoutSeconds"] === 10);
    }
    await sleep(1000);
    expect(replicas.flatMap(({ writes }) => writes).toSorted()).toEqual([
      "create",
      "repair",
      "repair",
      "repair",
      "repair",
      "repair",
    ]);
  });
});

describe("a registration that was taken back", () => {
  test("stays away while those run that ran then, and is kept by them again when a later one has registered", async () => {
    const [name, early] = await rig().registered();
    const outcome = await unregister({
      client: rig().client,
      desired: desiredBy({ name }),
      wait: 500,
      clock: Date.now,
      patience: 5000,
    });
    expect(outcome).toBe("removed");
    await until(async () =>
      early.logged.some(({ message }) => /taken back by .* Fix: To register again/.test(message)),
    );
    expect(early.held.at(-1)).toBe(false);
    // Longer than a repair takes.
    await sleep(REPAIRED);
    await expect(rig().read(name)).rejects.toMatchObject({ failure: "not-found" });
    const late = await rig().run(name);
    await late.publish(rig().bundle);
    await until(async () => early.held.at(-1) === true);
    expect(early.writes).toEqual(["create"]);
    late.stop();
    await rig().change(name, [at("timeoutSeconds", 2)]);
    expect(await until(async () => ours(await rig().read(name))?.["timeoutSeconds"] === 10)).toBeLessThan(REPAIRED);
    expect(early.writes).toEqual(["create", "repair"]);
  });
});
