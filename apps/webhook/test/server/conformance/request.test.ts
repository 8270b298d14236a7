/** What the API server, and whoever else reaches the port, may send. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { A_SECRET, NO_SECRET, patchIn, podWith, responseIn, reviewOf, statusIn, UID } from "../reviews.ts";
import { REVIEW_PATH, startWebhook, type Answer, type StartedWebhook } from "../started-webhook.ts";

let webhook: StartedWebhook;
beforeAll(async () => {
  webhook = await startWebhook();
});
afterAll(() => webhook[Symbol.asyncDispose]());

const review = reviewOf(podWith(A_SECRET));

function expectStatus(answer: Answer, code: number, message: string | RegExp): void {
  expect(answer.code).toBe(code);
  expect(answer.headers["content-type"]).toBe("application/json");
  const status = statusIn(answer);
  expect(status).toMatchObject({ kind: "Status", apiVersion: "v1", status: "Failure", code });
  expect(status.message).toMatch(message);
  expect(status.message).toMatch(/^[^\n]*[^.] ?\. Fix: [A-Z][^\n]+\.$/);
}

describe("?timeout= may have any value, or be absent", () => {
  test.each(["", "?", "?timeout=10s", "?timeout=1s", "?timeout=30s", "?timeout=0s", "?timeout=", "?timeout=-1s"])(
    "%j",
    async (query) => {
      const answer = await webhook.post(review, { path: REVIEW_PATH + query });
      expect(responseIn(answer)).toMatchObject({ allowed: true, patchType: "JSONPatch" });
    },
  );
  test.each(["?timeout=1m30s", "?timeout=999999999999s", "?a=b&timeout=5s&c", "?%00", `?${"x".repeat(4000)}`])(
    "%j",
    async (query) => {
      const answer = await webhook.post(review, { path: REVIEW_PATH + query });
      expect(responseIn(answer)).toMatchObject({ allowed: true, patchType: "JSONPatch" });
    },
  );
});

describe("v1 and v1beta1 are answered in kind", () => {
  test.each(["admission.k8s.io/v1", "admission.k8s.io/v1beta1"])("%s", async (apiVersion) => {
    const answer = await webhook.post(reviewOf(podWith(A_SECRET), {}, { apiVersion }));
    expect(JSON.parse(answer.text)).toMatchObject({ kind: "AdmissionReview", apiVersion });
  });
});

describe("what is no review gets 400, never 200", () => {
  test.each([
    ["unknown version", reviewOf({}, {}, { apiVersion: "admission.k8s.io/v2" })],
    ["no version", reviewOf({}, {}, { apiVersion: undefined })],
    ["unknown kind", reviewOf({}, {}, { kind: "Pod" })],
    ["no request", reviewOf({}, {}, { request: undefined })],
    ["request is a list", reviewOf({}, {}, { request: [] })],
    ["no uid", reviewOf({}, { uid: undefined })],
    ["empty uid", reviewOf({}, { uid: "" })],
    ["uid is a number", reviewOf({}, { uid: 7 })],
    ["a list", "[]"],
    ["null", "null"],
    ["a text", '"AdmissionReview"'],
  ])("%s", async (_, body) => {
    expectStatus(await webhook.post(body), 400, /^E_REVIEW: /);
  });
});

describe("each fault has its HTTP code", () => {
  test.each(["GET", "PUT", "DELETE", "PATCH", "OPTIONS"])(
    "%s gets 405 and the method that is allowed",
    async (method) => {
      const answer = await webhook.post("", { method });
      expectStatus(answer, 405, "only POST is answered here");
      expect(answer.headers.allow).toBe("POST");
    },
  );
  test.each([
    "/",
    "/mutate",
    `${REVIEW_PATH}/`,
    `/${REVIEW_PATH}`,
    "/healthz",
    "/metrics",
    `https://x${REVIEW_PATH}`,
    "*",
  ])("path %s gets 404", async (path) => {
    const message = "there is nothing at this path. Fix: Name /mutate--v1-pod in the webhook's registration.";
    expectStatus(await webhook.post(review, { path }), 404, message);
  });
  test.each([
    ["text/plain", "contentType=text/plain, expected application/json"],
    ["application/jsonx", "contentType=application/jsonx, expected application/json"],
    ["", "contentType=, expected application/json"],
    ["<script>", "contentType=(not a media type), expected application/json"],
  ])("content type %j gets 415", async (type, message) => {
    expectStatus(await webhook.post(review, { headers: { "Content-Type": type } }), 415, message);
  });
  test.each(["application/json; charset=utf-8", "Application/JSON", "application/json ;x=y"])(
    "content type %j is taken",
    async (type) => {
      const answer = await webhook.post(review, { headers: { "Content-Type": type } });
      expect(answer.code).toBe(200);
    },
  );
  test("an empty body gets 400", async () => {
    expectStatus(await webhook.post(""), 400, "request body is empty");
  });
  test.each(["{", "nul", "{}x", "\u{feff}{}", "'", '{"a":1,}'])("bad JSON gets 400: %j", async (body) => {
    expectStatus(await webhook.post(body), 400, "the body is not valid JSON");
  });
  test("bad UTF-8 gets 400", async () => {
    const bytes = Buffer.from(review);
    bytes[bytes.indexOf("task")] = 0xff;
    expectStatus(await webhook.post(bytes), 400, "the body is not valid UTF-8");
  });
  test("nesting deeper than 64 gets 400", async () => {
    const nested = (depth: number): string => "[".repeat(depth) + "]".repeat(depth);
    expectStatus(await webhook.post(nested(65)), 400, "the body is nested deeper than 64 levels");
    expectStatus(await webhook.post(nested(64)), 400, /^E_REVIEW: /);
  });
  test("more than 500,000 values get 400", async () => {
    const list = (values: number): string => `[${"1,".repeat(values - 2)}1]`;
    expectStatus(await webhook.post(list(500_001)), 400, "the body holds more than 500000 values");
    expectStatus(await webhook.post(list(500_000)), 400, /^E_REVIEW: /);
  });
  test("brackets in texts nest nothing", async () => {
    const brackets = String.raw`\"${"[{".repeat(100)}\\`;
    const pod = podWith(A_SECRET);
    const body = reviewOf({ ...pod, metadata: { ...pod.metadata, labels: { brackets } } });
    expect(responseIn(await webhook.post(body))).toMatchObject({ allowed: true, patchType: "JSONPatch" });
  });
});

test("unknown fields are ignored, at every level", async () => {
  const body = reviewOf({ ...podWith(A_SECRET), future: { a: [1] } }, { future: null }, { future: [] });
  expect(responseIn(await webhook.post(body))).toMatchObject({ allowed: true, patchType: "JSONPatch" });
});

describe("only the creation of a pod is looked at", () => {
  const pods = { group: "", version: "v1", resource: "pods" };
  test.each<[string, object]>([
    ["UPDATE", { operation: "UPDATE" }],
    ["DELETE", { operation: "DELETE", object: null }],
    ["CONNECT", { operation: "CONNECT", object: { kind: "PodExecOptions" } }],
    ["a subresource", { subResource: "status" }],
    ["another resource", { resource: { ...pods, resource: "configmaps" } }],
    ["another group", { resource: { ...pods, group: "metrics.k8s.io" } }],
  ])("%s is allowed as it is", async (_, request) => {
    const response = responseIn(await webhook.post(reviewOf(podWith(A_SECRET), request)));
    expect(response).toEqual({ uid: UID, allowed: true, status: { metadata: {}, message: "No changes", code: 200 } });
  });
  test.each([null, undefined, [], "pod"])("a creation without an object is refused: %j", async (object) => {
    const response = responseIn(await webhook.post(reviewOf(object)));
    expect(response).toMatchObject({ uid: UID, allowed: false, status: { code: 400 } });
  });
  test.each([{ kind: "ConfigMap" }, { spec: { containers: {} } }])(
    "what asks for no secret is the API server's to judge: %j",
    async (object) => {
      const response = responseIn(await webhook.post(reviewOf(object)));
      expect(response).toMatchObject({ uid: UID, allowed: true, status: { message: "No changes" } });
    },
  );
  test("a pod of the wrong shape that asks for a secret is refused", async () => {
    const { metadata } = podWith(A_SECRET);
    const response = responseIn(await webhook.post(reviewOf({ metadata, spec: { containers: {} } })));
    expect(response).toMatchObject({ uid: UID, allowed: false, status: { code: 400 } });
  });
});

test("the namespace is that of the request, whatever the object says", async () => {
  const pod = podWith(A_SECRET);
  const body = reviewOf({ ...pod, metadata: { ...pod.metadata, namespace: "kube-system" } }, { namespace: "team-a" });
  await webhook.post(body);
  expect((await webhook.logged()).at(-1)).toMatchObject({ message: "admission", namespace: "team-a" });
});

test("a pod whose name is to be generated", async () => {
  const { metadata, ...pod } = podWith(A_SECRET);
  const { name: _, ...unnamed } = metadata ?? {};
  const body = reviewOf({ ...pod, metadata: { ...unnamed, generateName: "job-" } }, { name: "" });
  expect(responseIn(await webhook.post(body))).toMatchObject({ allowed: true, patchType: "JSONPatch" });
  expect((await webhook.logged()).at(-1)).toMatchObject({ pod: "job-" });
});

describe("the limit of the body, exactly", () => {
  const limit = 10_000;
  const padded = (length: number): string => review + " ".repeat(length - review.length);
  test.each([limit - 1, limit])("%d bytes are taken", async (length) => {
    await using small = await startWebhook({ server: { maxBodyBytes: limit } });
    expect((await small.post(padded(length))).code).toBe(200);
  });
  test("one more is refused by its announced length", async () => {
    await using small = await startWebhook({ server: { maxBodyBytes: limit } });
    expectStatus(await small.post(padded(limit + 1)), 413, "request entity is too large; limit is 10000 bytes");
  });
  test("one more is refused by count where no length was announced", async () => {
    await using small = await startWebhook({ server: { maxBodyBytes: limit } });
    const headers = { "Transfer-Encoding": "chunked" };
    expect((await small.post(padded(limit), { headers })).code).toBe(200);
    expectStatus(await small.post(padded(limit + 1), { headers }), 413, "limit is 10000 bytes");
  });
  test("by default it is 7 MiB, with Flyte's text", async () => {
    const answer = await webhook.post(Buffer.alloc(7_340_033, " "));
    expectStatus(answer, 413, "request entity is too large; limit is 7340032 bytes");
  });
});

test("a refused pod is a review that says no, with HTTP 200", async () => {
  const answer = await webhook.post(reviewOf(podWith(NO_SECRET)));
  expect(answer.code).toBe(200);
  expect(responseIn(answer)).toMatchObject({ uid: UID, allowed: false, status: { code: 400 } });
  expect(patchIn(answer)).toEqual([]);
});
