/** What an answer leaves in the API server's audit log. */
import { describe, expect, it } from "vitest";

import {
  addEnv,
  addVolume,
  answerReview,
  applyPatch,
  decodeReview,
  encodeRequests,
  injected,
  podIdentity,
  skipped,
  type AdmissionAnswer,
  type Decision,
  type Pod,
  type RefusedDecision,
  type SecretInjector,
} from "../src/index.ts";
import { auditRecord } from "../src/audit.ts";
import { request, settingsWith } from "./fixtures.ts";

const REPLICA_SET = {
  apiVersion: "apps/v1",
  kind: "ReplicaSet",
  name: "train-5d9c",
  uid: "0a4fd0a5-3b0c-4b4e-9c53-4b8b7d0e2a10",
  controller: true,
};

const POD: Pod = {
  metadata: {
    generateName: "train-5d9c-",
    annotations: encodeRequests([{ group: "db", key: "password" }]),
    ownerReferences: [REPLICA_SET],
  },
  spec: { serviceAccountName: "trainer", containers: [{ name: "main" }, { name: "second" }] },
};

const VALUE = "s3cr3t-value";
const giver: SecretInjector = {
  name: "giver",
  inject: (pod, _request, context) => injected(addEnv(pod, context, [{ name: "A", value: VALUE }])),
};
const nobody: SecretInjector = { name: "none", inject: () => skipped("it has none") };

function answerTo(pod: unknown, injectors = [giver], onFailure: "deny" | "admit" = "deny"): Promise<AdmissionAnswer> {
  const resource = { group: "", version: "v1", resource: "pods" };
  const asked = { uid: "uid-1", operation: "CREATE", namespace: "flyte", resource, object: pod };
  const review = decodeReview({ apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview", request: asked });
  return answerReview(review, settingsWith(injectors, "flyte-v1", onFailure), Number.MAX_SAFE_INTEGER);
}

async function auditOf(...args: Parameters<typeof answerTo>): Promise<Readonly<Record<string, string>> | undefined> {
  return (await answerTo(...args)).response.auditAnnotations;
}

describe("the audit annotations", () => {
  it("say which pod, of whom and running as whom, got which secret from where", async () => {
    expect(await auditOf(POD)).toEqual({
      secrets: '[{"source":"flyte.secrets/s0","group":"db","key":"password","injector":"giver"}]',
      pod: "train-5d9c-",
      "service-account": "trainer",
      owner: "ReplicaSet/train-5d9c",
      admission: "uid-1",
    });
  });

  it("say why there is none, for a refused pod and for one that starts without its secrets", async () => {
    const secrets = '[{"source":"flyte.secrets/s0","group":"db","key":"password","refused":"E_NOT_INJECTED"}]';
    expect(await auditOf(POD, [nobody])).toMatchObject({ secrets, refused: "E_NOT_INJECTED", admission: "uid-1" });
    expect(await auditOf(POD, [nobody], "admit")).toMatchObject({ secrets, refused: "E_NOT_INJECTED" });
  });

  it.each([["null"], ["absent"], ["an empty list"]])(
    "of a pod whose containers are %s are as of any other",
    async (what) => {
      const containers = { null: null, absent: undefined, "an empty list": [] }[what];
      const volumes: SecretInjector = {
        name: "volumes",
        inject: (pod) => injected(addVolume(pod, { name: "v", emptyDir: {} })),
      };
      const pod = JSON.parse(JSON.stringify({ ...POD, spec: { ...POD.spec, containers } })) as unknown;
      const { response } = await answerTo(pod, [volumes]);
      expect(response.status.code).toBe(200);
      expect(response.auditAnnotations).toMatchObject({ pod: "train-5d9c-", admission: "uid-1" });
    },
  );

  it("say that a pod was refused whose annotations cannot be read", async () => {
    const metadata = { name: "p", annotations: { "flyte.secrets/s0": "!!!" } };
    expect(await auditOf({ ...POD, metadata })).toEqual({
      pod: "p",
      "service-account": "trainer",
      refused: "E_ANNOTATION",
      admission: "uid-1",
    });
  });

  it("are not there for a pod that asks for nothing", async () => {
    expect(await auditOf({ ...POD, metadata: { name: "p" } })).toBeUndefined();
  });

  it("hold no value", async () => {
    const { response } = await answerTo(POD);
    expect(atob(response.patch ?? "")).toContain(VALUE);
    expect(JSON.stringify(response.auditAnnotations)).not.toContain(VALUE);
  });

  it("are the same when the API server calls again, also after another webhook has added a container", async () => {
    const { response } = await answerTo(POD);
    const { admission: _, ...first } = response.auditAnnotations ?? {};
    const changed = applyPatch(POD, JSON.parse(atob(response.patch ?? "")) as never);
    expect(await auditOf(changed)).toEqual(first);
    const { spec } = changed;
    const withSidecar = { ...changed, spec: { ...spec, containers: [...(spec?.containers ?? []), { name: "proxy" }] } };
    expect((await answerTo(withSidecar)).response.patch).toBeDefined();
    expect(await auditOf(withSidecar)).toEqual(first);
  });

  it("are bounded, printable, and under keys that the API server takes", async () => {
    const hostile = { ...POD.metadata, generateName: `\u001b[31m\u202e${"n".repeat(5000)}` };
    const spec = { ...POD.spec, serviceAccountName: `a\n${"s".repeat(5000)}` };
    const annotations = (await auditOf({ metadata: hostile, spec })) ?? {};
    for (const [key, value] of Object.entries(annotations)) {
      expect(`flyte-pod-webhook.flyte.org/${key}`).toMatch(/^[a-z.-]+\/[A-Za-z0-9]([\w.-]{0,61}[A-Za-z0-9])?$/);
      expect(value).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
      expect(value.length).toBeLessThan(16_385);
    }
    expect(Object.keys(annotations)).toEqual(["secrets", "pod", "service-account", "owner", "admission"]);
  });
});

describe("whose pod it is", () => {
  it("is told by its name, before the name that it is to be generated from", () => {
    expect(podIdentity({ metadata: { name: "a", generateName: "b-" } }).name).toBe("a");
    expect(podIdentity({ metadata: { generateName: "b-" } }).name).toBe("b-");
  });

  it("is told by the owner that controls it, and by no other", () => {
    const { controller: _, ...reference } = REPLICA_SET;
    const { controller } = podIdentity({
      metadata: { ownerReferences: [{ ...reference, name: "other" }, REPLICA_SET] },
    });
    expect(controller).toEqual(reference);
    expect(podIdentity({ metadata: { ownerReferences: [reference] } })).not.toHaveProperty("controller");
  });

  it("is told by one of the first 64 owners: no API server takes a pod with many", () => {
    const { controller: _, ...reference } = REPLICA_SET;
    const behind = (count: number) => ({
      metadata: { ownerReferences: [...Array.from({ length: count }, () => reference), REPLICA_SET] },
    });
    expect(podIdentity(behind(63))).toHaveProperty("controller");
    expect(podIdentity(behind(64))).not.toHaveProperty("controller");
  });

  it.each<[string, object]>([
    ["an API version that is none", { apiVersion: "apps/v1/x" }],
    ["a kind that is none", { kind: "Replica Set" }],
    ["a name that is none", { name: "../x" }],
    ["no uid", { uid: "" }],
    ["a uid in two lines", { uid: "a\nb" }],
    ["a uid that is too long", { uid: "u".repeat(129) }],
  ])("is not told by an owner with %s", (_, part) => {
    const pod = { metadata: { ownerReferences: [{ ...REPLICA_SET, ...part }] } };
    expect(podIdentity(pod)).not.toHaveProperty("controller");
  });

  it.each([null, 1, "pod", [], {}, { metadata: 1, spec: [] }, { metadata: { name: 1, ownerReferences: [1, null] } }])(
    "is empty where there is nothing to read: %j",
    (object) => {
      expect(podIdentity(object)).toEqual({ name: "", serviceAccount: "" });
    },
  );
});

const GIVEN: Decision = {
  outcome: "injected",
  request: request({ group: "db", key: "password" }),
  answers: [{ injector: "k8s", outcome: "injected" }],
  injector: "k8s",
  warnings: [],
};

function refusedDecision(ask: Parameters<typeof request>[0], source: string): RefusedDecision {
  const asked = request({ group: "user-info", key: "password", ...ask }, source);
  return {
    outcome: "refused",
    request: asked,
    answers: [],
    code: "E_NOT_INJECTED",
    message: "it is not there",
    fix: "Do.",
  };
}

describe("the audit record", () => {
  it("holds names and who gave what, as JSON", () => {
    const record = auditRecord([GIVEN, refusedDecision({ groupVersion: "kv2" }, "flyte.secrets/s1")]);
    expect(JSON.parse(record)).toEqual([
      { source: "flyte.secrets/s0", group: "db", key: "password", injector: "k8s" },
      { source: "flyte.secrets/s1", group: "user-info", version: "kv2", key: "password", refused: "E_NOT_INJECTED" },
    ]);
  });

  it("is bounded, with whole entries and how many there are besides", () => {
    const decisions = Array.from({ length: 256 }, (_, n) =>
      refusedDecision({ group: "g".repeat(1000) }, `flyte.secrets/s${n}`),
    );
    const record = auditRecord(decisions);
    const entries = JSON.parse(record) as { more?: number }[];
    expect(record.length).toBeLessThanOrEqual(16_384);
    expect(entries.at(-1)).toEqual({ more: 257 - entries.length });
    expect(entries.length).toBeGreaterThan(20);
  });

  it("is bounded wherever the last entry that fits ends", () => {
    for (let length = 1; length <= 200; length++) {
      const decision = refusedDecision({ group: "g".repeat(length) }, "flyte.secrets/s0");
      const record = auditRecord(Array.from({ length: 256 }, () => decision));
      expect(record.length).toBeLessThanOrEqual(16_384);
      // Another entry of the same length would not have fitted.
      const entry = JSON.stringify((JSON.parse(record) as unknown[])[0]);
      expect(record.length + entry.length).toBeGreaterThan(16_384 - 64);
    }
  });

  it("is the same for the same decisions", () => {
    expect(auditRecord([GIVEN])).toBe(auditRecord([structuredClone(GIVEN)]));
  });
});
