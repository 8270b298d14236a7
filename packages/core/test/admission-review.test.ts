/** The review that the API server sends, and the one it takes back. */
import { describe, expect, it } from "vitest";

import {
  addEnv,
  answerReview,
  applyPatch,
  decodeReview,
  encodeReview,
  encodeRequests,
  injected,
  skipped,
  type PatchOperation,
  type SecretInjector,
} from "../src/index.ts";
import { settingsWith } from "./fixtures.ts";
import { thrownBy } from "./thrown.ts";

const POD = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: { generateName: "task-", annotations: encodeRequests([{ group: "g", key: "k" }]) },
  spec: { containers: [{ name: "main" }] },
};

function review(request: object = {}, rest: object = {}): object {
  return {
    kind: "AdmissionReview",
    apiVersion: "admission.k8s.io/v1",
    request: {
      uid: "705ab4f5-6393-11e8-b7cc-42010a800002",
      kind: { group: "", version: "v1", kind: "Pod" },
      resource: { group: "", version: "v1", resource: "pods" },
      operation: "CREATE",
      namespace: "flytesnacks-development",
      userInfo: { username: "system:serviceaccount:flyte:propeller", groups: ["system:authenticated"] },
      object: POD,
      dryRun: false,
      ...request,
    },
    ...rest,
  };
}

const giver: SecretInjector = {
  name: "giver",
  inject: (pod, _request, context) => injected(addEnv(pod, context, [{ name: "A", value: "grüße 😀 \ud800" }])),
};
const refuser: SecretInjector = { name: "none", inject: () => skipped("it has none") };

interface Response {
  readonly uid: string;
  readonly allowed: boolean;
  readonly patch?: string;
  readonly patchType?: string;
  readonly warnings?: readonly string[];
  readonly auditAnnotations?: Readonly<Record<string, string>>;
}

/** The response to a review, as it goes over the wire. */
async function answer(body: object, injectors: readonly SecretInjector[] = [giver]): Promise<Response> {
  const decoded = decodeReview(JSON.parse(JSON.stringify(body)));
  const { response } = await answerReview(decoded, settingsWith(injectors), Number.MAX_SAFE_INTEGER);
  const sent = JSON.parse(encodeReview(decoded.apiVersion, response)) as { response: Response };
  return sent.response;
}

const NO_CHANGES = { allowed: true, status: { metadata: {}, message: "No changes", code: 200 } };

describe("a review that changes a pod", () => {
  it("is answered as Flyte answers", async () => {
    const { patch, auditAnnotations, ...rest } = await answer(review(), [giver]);
    expect(rest).toEqual({
      uid: "705ab4f5-6393-11e8-b7cc-42010a800002",
      allowed: true,
      patchType: "JSONPatch",
      status: { metadata: {}, code: 200 },
    });
    expect(patch).toMatch(/^[A-Za-z0-9+/]+={0,2}$/);
    expect(auditAnnotations).toEqual({
      secrets: '[{"source":"flyte.secrets/s0","group":"g","key":"k","injector":"giver"}]',
      pod: "task-",
      admission: "705ab4f5-6393-11e8-b7cc-42010a800002",
    });
  });

  it("has a patch in base64 of UTF-8, whatever is in it", async () => {
    const { patch = "" } = await answer(review());
    const bytes = Uint8Array.from(atob(patch), (unit) => unit.charCodeAt(0));
    const operations = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)) as PatchOperation[];
    expect(applyPatch(POD, operations).spec).toEqual({
      containers: [{ name: "main", env: [{ name: "A", value: "grüße 😀 \ud800" }] }],
    });
  });

  it.each(["admission.k8s.io/v1", "admission.k8s.io/v1beta1"] as const)(
    "is answered in its version, %s",
    async (apiVersion) => {
      const decoded = decodeReview(review({}, { apiVersion }));
      const { response } = await answerReview(decoded, settingsWith([giver]), Number.MAX_SAFE_INTEGER);
      expect(JSON.parse(encodeReview(decoded.apiVersion, response))).toMatchObject({
        kind: "AdmissionReview",
        apiVersion,
        response: { patchType: "JSONPatch", patch: response.patch },
      });
    },
  );

  it.each(["0", "x".repeat(253), '"quotes"', "ünï-😀", "\\u0000"])("echoes the uid %j", async (uid) => {
    expect((await answer(review({ uid }))).uid).toBe(uid);
  });
});

describe("a review that changes nothing", () => {
  it.each<[string, object]>([
    ["an update", { operation: "UPDATE" }],
    ["a deletion", { operation: "DELETE", object: null }],
    ["a connection", { operation: "CONNECT", subResource: "exec", object: { kind: "PodExecOptions" } }],
    ["a subresource", { subResource: "ephemeralcontainers" }],
    ["another resource", { resource: { group: "apps", version: "v1", resource: "deployments" } }],
    ["pods of another group", { resource: { group: "metrics.k8s.io", version: "v1", resource: "pods" } }],
    ["no resource", { resource: null }],
  ])("is allowed as it is: %s", async (_, request) => {
    expect(await answer(review(request))).toEqual({ uid: "705ab4f5-6393-11e8-b7cc-42010a800002", ...NO_CHANGES });
  });

  it("is one of a pod that asks for no secret, however that is written", async () => {
    for (const annotations of [null, {}, { "example.com/a": "b" }]) {
      const object = { ...POD, metadata: { name: "p", annotations } };
      expect(await answer(review({ object }))).toMatchObject(NO_CHANGES);
    }
  });

  it("has neither patch nor patchType when the pod has its secrets", async () => {
    const { patch = "" } = await answer(review());
    const object = applyPatch(
      POD,
      JSON.parse(
        new TextDecoder().decode(Uint8Array.from(atob(patch), (unit) => unit.charCodeAt(0))),
      ) as PatchOperation[],
    );
    const again = await answer(review({ object }));
    expect(again).toMatchObject(NO_CHANGES);
    expect(again).not.toHaveProperty("patch");
    expect(again).not.toHaveProperty("patchType");
    // The API server drops an audit annotation that differs from the first call's.
    const { admission: _, ...first } = (await answer(review())).auditAnnotations ?? {};
    expect(again.auditAnnotations).toEqual(first);
  });
});

describe("a review that is refused", () => {
  it("has code 400 and one line, and no reason", async () => {
    expect(await answer(review(), [refuser])).toEqual({
      uid: "705ab4f5-6393-11e8-b7cc-42010a800002",
      allowed: false,
      status: {
        metadata: {},
        message: expect.stringMatching(/^pod-secrets: 1 of 1 secrets .* none: it has none\. Fix: /) as unknown,
        code: 400,
      },
      auditAnnotations: {
        secrets: '[{"source":"flyte.secrets/s0","group":"g","key":"k","refused":"E_NOT_INJECTED"}]',
        pod: "task-",
        refused: "E_NOT_INJECTED",
        admission: "705ab4f5-6393-11e8-b7cc-42010a800002",
      },
    });
  });

  it.each([null, undefined, [], "pod"])("says so when there is no pod: %j", async (object) => {
    expect(await answer(review({ object }))).toMatchObject({
      allowed: false,
      status: { message: "there is no content to decode", code: 400 },
    });
  });
});

describe("what is read of a request", () => {
  it("is little, and the rest is ignored", () => {
    expect(decodeReview(review({ name: "p", futureField: 1 })).request).toEqual({
      uid: "705ab4f5-6393-11e8-b7cc-42010a800002",
      operation: "CREATE",
      group: "",
      resource: "pods",
      subResource: "",
      namespace: "flytesnacks-development",
      name: "p",
      dryRun: false,
      object: POD,
      user: { username: "system:serviceaccount:flyte:propeller", groups: ["system:authenticated"] },
    });
  });

  it("may be absent or of another type", () => {
    const request = { uid: "1", userInfo: { groups: ["a", 1] }, dryRun: "true", namespace: 5, resource: "pods" };
    expect(decodeReview({ kind: "AdmissionReview", apiVersion: "admission.k8s.io/v1beta1", request }).request).toEqual({
      uid: "1",
      operation: "",
      group: "",
      resource: "",
      subResource: "",
      namespace: "",
      name: "",
      dryRun: false,
      object: undefined,
      user: { username: "", groups: ["a"] },
    });
  });

  it("has the namespace of the request, since the pod itself may not have one yet", async () => {
    let namespace = "";
    const listener: SecretInjector = {
      name: "listener",
      inject: (_pod, _request, context) => {
        ({ namespace } = context);
        return skipped("");
      },
    };
    await answer(review({ object: { ...POD, metadata: { ...POD.metadata, namespace: "elsewhere" } } }), [listener]);
    expect(namespace).toBe("flytesnacks-development");
  });

  it.each<[unknown, string]>([
    [null, "the body is no object"],
    ["x", "the body is no object"],
    [[], "the body is no object"],
    [{}, "apiVersion is undefined, not admission.k8s.io/v1 or admission.k8s.io/v1beta1"],
    [
      review({}, { apiVersion: "admission.k8s.io/v2" }),
      'apiVersion is "admission.k8s.io/v2", not admission.k8s.io/v1 or admission.k8s.io/v1beta1',
    ],
    [review({}, { kind: "Pod" }), 'kind is "Pod", not AdmissionReview'],
    [review({}, { request: null }), "it has no request"],
    [review({ uid: "" }), "the request has no uid"],
    [review({ uid: 7 }), "the request has no uid"],
  ])("is no review: %#", (body, message) => {
    expect(thrownBy(() => decodeReview(body))).toMatchObject({ code: "E_REVIEW", message });
  });
});

describe("warnings", () => {
  it("fit what the API server passes on: short, one line, not twice, not too many", async () => {
    const texts = [
      "twice",
      "twice",
      "a\nb",
      "long ".repeat(100),
      ...Array.from({ length: 100 }, (_, n) => `${n} ${"x".repeat(110)}`),
    ];
    const asks = Array.from({ length: 10 }, (_, n) => ({ group: "g", key: `${n}` }));
    const object = { ...POD, metadata: { annotations: encodeRequests(asks) } };
    const loud: SecretInjector = {
      name: "loud",
      inject: (pod, { key }) => injected(pod, texts.slice(Number(key) * 10)),
    };
    const { warnings = [] } = await answer(review({ object }), [loud]);
    expect(warnings.slice(0, 2)).toEqual(["twice", "a\\u000ab"]);
    expect(new Set(warnings).size).toBe(warnings.length);
    expect(warnings.every((warning) => warning.length <= 120)).toBe(true);
    expect(warnings.join("").length).toBeLessThanOrEqual(4096);
    expect(warnings).toHaveLength(30);
  });
});
