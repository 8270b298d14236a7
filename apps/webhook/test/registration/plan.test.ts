/** What is done with a registration as it is found. Patches are applied, so that what comes of them is what is told. */
import fc from "fast-check";
import { applyPatch, type PatchOperation } from "@pod-secrets/core";
import { describe, expect, test } from "vitest";

import { planRegistration, type Intent, type Plan } from "../../src/registration/plan.ts";
import { encodeBundle } from "../../src/registration/ca-bundle.ts";
import { registrationManifest } from "../../src/registration/desired-registration.ts";
import type { WebhookConfiguration, WebhookEntry } from "../../src/registration/webhook-configuration.ts";
import { BUNDLE, flyteRegistration, intentOf, stored } from "./registrations.ts";

const NOW = 5000;
const OTHER: WebhookEntry = { name: "other.example.com", clientConfig: { service: { namespace: "x", name: "y" } } };

function created(intent: Intent): WebhookConfiguration {
  const plan = planRegistration(undefined, intent, NOW);
  if (plan.do !== "create") throw new Error(`it is not created: ${plan.do}`);
  return stored(plan.object);
}

/** The object with the patch of a plan applied, as the API server does it. */
function patched(live: WebhookConfiguration, plan: Plan): WebhookConfiguration {
  if (plan.do !== "patch") throw new Error(`it is not patched: ${plan.do}`);
  return applyPatch(live, plan.operations as readonly PatchOperation[]);
}

const withEntry = (live: WebhookConfiguration, change: object): WebhookConfiguration => ({
  ...live,
  webhooks: (live.webhooks ?? []).map((entry, index) => (index === 0 ? { ...entry, ...change } : entry)),
});

describe("a registration that is as it is wanted", () => {
  test("is left alone", () => {
    const intent = intentOf();
    expect(planRegistration(created(intent), intent, NOW)).toEqual({ do: "nothing" });
  });
  test("also with what others added: labels, annotations, owners, entries, and fields that are not known here", () => {
    const intent = intentOf();
    const live = created(intent);
    const { metadata } = live;
    const grown: WebhookConfiguration = withEntry(
      {
        ...live,
        metadata: {
          ...metadata,
          labels: { a: "b" },
          annotations: { ...metadata.annotations, c: "d" },
          ownerReferences: [{ apiVersion: "v1", kind: "Namespace", name: "x", uid: "u" }],
        },
        webhooks: [...(live.webhooks ?? []), OTHER],
      },
      { newer: true },
    );
    expect(planRegistration(grown, intent, NOW)).toEqual({ do: "nothing" });
  });
  test("also when its entry is in another place", () => {
    const intent = intentOf();
    const live = created(intent);
    expect(planRegistration({ ...live, webhooks: [OTHER, ...(live.webhooks ?? [])] }, intent, NOW)).toEqual({
      do: "nothing",
    });
  });
  test("whatever its CA bundle, where that is left to others", () => {
    const intent = intentOf({ caBundle: "none" }, { bundle: undefined });
    const live = created(intent);
    const injected = withEntry(live, {
      clientConfig: { ...live.webhooks?.[0]?.clientConfig, caBundle: encodeBundle("cainjector's") },
    });
    expect(planRegistration(injected, intent, NOW)).toEqual({ do: "nothing" });
  });
});

describe("drift", () => {
  const fields: readonly [string, unknown][] = [
    ["rules", [{ operations: ["*"], apiGroups: ["*"], apiVersions: ["*"], resources: ["*"], scope: "*" }]],
    ["failurePolicy", "Ignore"],
    ["matchPolicy", "Exact"],
    ["namespaceSelector", { matchLabels: { a: "b" } }],
    ["objectSelector", {}],
    ["sideEffects", "NoneOnDryRun"],
    ["timeoutSeconds", 1],
    ["admissionReviewVersions", ["v1beta1"]],
    ["reinvocationPolicy", "Never"],
    ["matchConditions", [{ name: "never", expression: "false" }]],
  ];
  test.each(fields)("of %s is mended, and nothing else is touched", (field, value) => {
    const intent = intentOf();
    const live = created(intent);
    const plan = planRegistration(withEntry(live, { [field]: value }), intent, NOW);
    expect(plan).toMatchObject({ do: "patch", fields: [field], takesOver: false });
    const after = patched(withEntry(live, { [field]: value, newer: true }), plan);
    expect(planRegistration(after, intent, NOW)).toEqual({ do: "nothing" });
    expect(after.webhooks?.[0]?.["newer"]).toBe(true);
  });
  test.each([
    ["emptied", {}],
    ["overwritten", { caBundle: encodeBundle("unrelated") }],
  ])("of the CA bundle alone, %s: only it is written, where the entry of that name is", (_, bundle) => {
    const intent = intentOf();
    const live = created(intent);
    const { service } = live.webhooks?.[0]?.clientConfig ?? {};
    const drifted = withEntry(live, { clientConfig: { service, ...bundle } });
    const moved = { ...drifted, webhooks: [OTHER, ...(drifted.webhooks ?? [])] };
    expect(planRegistration(moved, intent, NOW)).toEqual({
      do: "patch",
      takesOver: false,
      fields: ["caBundle"],
      operations: [
        { op: "test", path: "/metadata/resourceVersion", value: "7" },
        { op: "test", path: "/webhooks/1/name", value: "flyte-pod-webhook.flyte.org" },
        { op: "add", path: "/webhooks/1/clientConfig/caBundle", value: encodeBundle(BUNDLE) },
      ],
    });
  });
  test("of where it is called: a URL in the place of the Service", () => {
    const intent = intentOf();
    const drifted = withEntry(created(intent), { clientConfig: { url: "https://elsewhere" } });
    const after = patched(drifted, planRegistration(drifted, intent, NOW));
    expect(after.webhooks?.[0]?.clientConfig).toEqual(created(intent).webhooks?.[0]?.clientConfig);
  });
  test.each([
    ["no entries", []],
    ["no list of entries", undefined],
  ])("of its entry: %s", (_, webhooks) => {
    const intent = intentOf();
    const { webhooks: __, ...rest } = created(intent);
    const bare: WebhookConfiguration = webhooks === undefined ? rest : { ...rest, webhooks };
    expect(patched(bare, planRegistration(bare, intent, NOW)).webhooks?.[0]?.clientConfig.caBundle).toBe(
      encodeBundle(BUNDLE),
    );
  });
  test("of an entry under another name that calls the same server: nobody would keep its CA bundle", () => {
    const intent = intentOf({ webhook: "new.name.example.com" });
    const live = created(intentOf());
    const before = { ...live, webhooks: [OTHER, ...(live.webhooks ?? [])] };
    const after = patched(before, planRegistration(before, { ...intent, since: 2000 }, NOW));
    expect(after.webhooks?.map(({ name }) => name)).toEqual([OTHER.name, "new.name.example.com"]);
  });
  test("of labels, annotations and the owner", () => {
    const owner = { apiVersion: "rbac.authorization.k8s.io/v1", kind: "ClusterRole", name: "r", uid: "r-uid" };
    const bare = created(intentOf());
    const intent = intentOf({ labels: { "a/b": "c" }, annotations: { "x.y/z": "1" } }, { owner, since: 2000 });
    const plan = planRegistration(bare, intent, NOW);
    expect(plan).toMatchObject({ fields: ["labels", "annotations", "ownerReferences"] });
    const after = patched(bare, plan);
    expect(after.metadata).toMatchObject({ labels: { "a/b": "c" }, ownerReferences: [owner] });
    expect(after.metadata.annotations).toMatchObject({ "x.y/z": "1" });
    expect(planRegistration(after, intent, NOW)).toEqual({ do: "nothing" });
  });
  test("of any kind at once is mended by one patch, which changes nothing of others", () => {
    const change = fc.subarray(fields.map(([field, value]) => ({ [field]: value })));
    const place = fc.integer({ min: 0, max: 2 });
    const keptAnnotations = fc.boolean();
    fc.assert(
      fc.property(change, place, keptAnnotations, fc.boolean(), (changes, before, isAnnotated, hasBundle) => {
        const intent = intentOf();
        const live = created(intent);
        const entry: WebhookEntry = Object.assign({}, live.webhooks?.[0], { newer: before }, ...changes);
        const { caBundle, ...clientConfig } = entry.clientConfig;
        const others = Array.from({ length: before }, (_, index) => ({ ...OTHER, name: `o${index}.a.b` }));
        const { annotations, ...metadata } = live.metadata;
        const drifted: WebhookConfiguration = {
          ...live,
          metadata: isAnnotated ? { ...metadata, annotations: { ...annotations, z: "y" } } : metadata,
          webhooks: [...others, hasBundle ? entry : { ...entry, clientConfig }],
        };
        const plan = planRegistration(drifted, intent, NOW);
        if (plan.do === "nothing") return;
        const after = patched(drifted, plan);
        expect(planRegistration(after, intent, NOW)).toEqual({ do: "nothing" });
        expect(after.webhooks?.slice(0, before)).toEqual(others);
        expect(after.webhooks?.[before]?.["newer"]).toBe(before);
        if (isAnnotated) expect(after.metadata.annotations?.["z"]).toBe("y");
        expect(caBundle).toBe(encodeBundle(BUNDLE));
      }),
    );
  });
});

describe("a registration that is there already", () => {
  test("as Flyte's webhook leaves it is taken over in place, without its owner that is none", () => {
    const intent = intentOf();
    const flyte = flyteRegistration();
    const plan = planRegistration(flyte, intent, NOW);
    expect(plan).toMatchObject({ do: "patch", takesOver: true });
    const after = patched(flyte, plan);
    const { metadata, webhooks } = created(intent);
    expect(after.metadata).toMatchObject({ uid: "a-uid", annotations: metadata.annotations, ownerReferences: [] });
    expect(after.webhooks?.[0]).toMatchObject(webhooks?.[0] ?? {});
  });
  test("as a manifest makes it is taken over", () => {
    const intent = intentOf();
    const made = stored(registrationManifest(intent.desired, BUNDLE));
    expect(planRegistration(made, intent, NOW)).toMatchObject({ do: "patch", fields: ["annotations"] });
  });
  test("of another installation is left alone", () => {
    const live = created(intentOf());
    const other = intentOf({ service: { name: "other" } });
    expect(planRegistration(live, other, NOW)).toEqual({
      do: "leave",
      because: "foreign",
      owner: "installation flyte/flyte-pod-webhook",
    });
  });
  test("of another webhook is left alone", () => {
    const live = stored({ metadata: { name: "flyte-pod-webhook" }, webhooks: [OTHER] });
    expect(planRegistration(live, intentOf(), NOW)).toEqual({
      do: "leave",
      because: "foreign",
      owner: "webhook other.example.com",
    });
  });
});

describe("processes with different configurations, as in a roll-out", () => {
  const old = intentOf({ timeoutSeconds: 10 }, { since: 1000 });
  const latest = intentOf({ timeoutSeconds: 15 }, { since: 2000 });
  test("the one that started last has the say", () => {
    const after = patched(created(old), planRegistration(created(old), latest, NOW));
    expect(after.webhooks?.[0]?.["timeoutSeconds"]).toBe(15);
    expect(planRegistration(after, old, NOW)).toEqual({ do: "nothing" });
    expect(planRegistration(after, latest, NOW)).toEqual({ do: "nothing" });
  });
  test("both keep the CA bundle", () => {
    const other = { ...old, bundle: "another" };
    const plan = planRegistration(created(latest), other, NOW);
    expect(plan).toMatchObject({ do: "patch", fields: ["caBundle"] });
  });
  test("of one configuration, the older one mends as well", () => {
    const drifted = withEntry(created({ ...old, since: 3000 }), { timeoutSeconds: 1 });
    expect(planRegistration(drifted, old, NOW)).toMatchObject({ do: "patch", fields: ["timeoutSeconds"] });
  });
  test("a stamp from the future, of a clock that was ahead, counts for nothing", () => {
    const minutes = (count: number): number => NOW + count * 60_000;
    const justAhead = created({ ...latest, since: minutes(5) });
    expect(planRegistration(justAhead, old, NOW)).toEqual({ do: "nothing" });
    const ahead = created({ ...latest, since: minutes(5) + 1 });
    const after = patched(ahead, planRegistration(ahead, old, NOW));
    expect(after.webhooks?.[0]?.["timeoutSeconds"]).toBe(10);
    expect(after.metadata.annotations?.["pod-secrets.dev/desired"]).toMatch(/^1970-01-01T00:00:01\.000Z /);
  });
  test("a stamp of another form counts for nothing", () => {
    const live = created(latest);
    const { metadata } = live;
    const annotations = { ...metadata.annotations, "pod-secrets.dev/desired": "9999-99-99T99:99:99.999Z 0" };
    expect(planRegistration({ ...live, metadata: { ...metadata, annotations } }, old, NOW)).toMatchObject({
      do: "patch",
    });
  });
});

describe("a registration that was unregistered", () => {
  const at = (time: number): WebhookConfiguration => {
    const { metadata, ...rest } = created(intentOf());
    const mark = { "pod-secrets.dev/unregistered": new Date(time).toISOString() };
    return { ...rest, metadata: { ...metadata, annotations: { ...metadata.annotations, ...mark } }, webhooks: [] };
  };
  test("is not put back by those who ran then, ever", () => {
    expect(planRegistration(at(3000), intentOf({}, { since: 2999 }), 900_000)).toEqual({
      do: "leave",
      because: "unregistered",
    });
  });
  test("is put back by those who start later, but not within the minute in which an installation leaves", () => {
    const later = intentOf({}, { since: 4000 });
    expect(planRegistration(at(3000), later, 5000)).toMatchObject({ do: "leave" });
    const after = patched(at(3000), planRegistration(at(3000), later, 64_000));
    expect(after.metadata.annotations).not.toHaveProperty("pod-secrets.dev/unregistered");
    expect(planRegistration(after, later, 64_000)).toEqual({ do: "nothing" });
  });

  describe("while this process ran", () => {
    const takenBack = { uid: "a-uid", at: 3000 };
    const ran = intentOf({}, { since: 2000, takenBack });
    const left = { do: "leave", because: "unregistered" };
    const later = (uid: string, since: number): WebhookConfiguration => {
      const { metadata, ...rest } = created(intentOf({}, { since }));
      return { ...rest, metadata: { ...metadata, uid } };
    };
    test("is not put back when it is gone", () => {
      expect(planRegistration(undefined, ran, 900_000)).toEqual(left);
    });
    test("is not taken for a new one as it was before the mark, by an API server that lags behind", () => {
      expect(planRegistration(later("a-uid", 2000), ran, 5000)).toEqual(left);
    });
    test.each([
      ["made anew", later("another-uid", 4000)],
      ["filled again by a process that started later", later("a-uid", 4000)],
    ])("is kept again when it was %s", (_, live) => {
      expect(planRegistration(live, ran, 900_000)).toEqual({ do: "nothing" });
      const drifted = withEntry(live, { timeoutSeconds: 1 });
      expect(planRegistration(drifted, ran, 900_000)).toMatchObject({ do: "patch", fields: ["timeoutSeconds"] });
    });
  });
});
