/** Flyte's answers, and ours to the same requests. */
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";

import { A_SECRET, NO_SECRET, patchIn, podWith, responseIn, reviewOf, statusIn, UID } from "../reviews.ts";
import { startWebhook, type StartedWebhook } from "../started-webhook.ts";

interface FlyteAnswer {
  readonly id: string;
  readonly pod_in?: unknown;
  readonly response: { readonly status: { readonly message: string; readonly code: number } };
}

const path = new URL("../../../../../packages/core/test/vectors/mutations.json", import.meta.url);
const vectors = (JSON.parse(readFileSync(path, "utf8")) as { admission_responses: readonly FlyteAnswer[] })
  .admission_responses;

function flyte(id: string): FlyteAnswer {
  const found = vectors.find((vector) => vector.id === id);
  if (found === undefined) throw new Error(`there is no vector ${id}`);
  return found;
}

let webhook: StartedWebhook;
let admitting: StartedWebhook;
beforeAll(async () => {
  webhook = await startWebhook();
  admitting = await startWebhook({ config: "{ onFailure: admit, managers: [{ use: k8s }] }" });
});
afterAll(async () => {
  await webhook[Symbol.asyncDispose]();
  await admitting[Symbol.asyncDispose]();
});

const badAnnotation = { metadata: { annotations: { "flyte.secrets/s0": "0" } }, spec: { containers: [{ name: "c" }] } };

describe("the answer is Flyte's", () => {
  test("admission-v1-no-secret-annotations", async () => {
    const { pod_in: pod, response } = flyte("admission-v1-no-secret-annotations");
    expect(responseIn(await webhook.post(reviewOf(pod)))).toEqual({ ...response, uid: UID });
  });

  test("admission-any-changed", async () => {
    const { response } = flyte("admission-any-changed");
    const { auditAnnotations: _, ...ours } = responseIn(await webhook.post(reviewOf(podWith(A_SECRET))));
    expect(ours).toEqual({ ...response, uid: UID, patch: expect.stringMatching(/^[A-Za-z0-9+/]+={0,2}$/) });
  });

  test("admission-any-empty-object", async () => {
    const { response } = flyte("admission-any-empty-object");
    expect(responseIn(await webhook.post(reviewOf(null)))).toEqual({ ...response, uid: UID });
  });

  test("admission-v1-secret-fails: with onFailure: admit, and warnings", async () => {
    const { response } = flyte("admission-v1-secret-fails");
    const { warnings, auditAnnotations: _, ...ours } = responseIn(await admitting.post(reviewOf(podWith(NO_SECRET))));
    expect(ours).toEqual({ ...response, uid: UID });
    expect(warnings?.[0]).toBe("the pod starts without its secrets (onFailure: admit)");
    expect(warnings?.[1]).toContain("E_NOT_INJECTED");
  });
});

describe("the answer has Flyte's code, and says more", () => {
  test("admission-v2-secret-fails: each manager's reason, and a fix", async () => {
    const { status } = flyte("admission-v2-secret-fails").response;
    const answer = responseIn(await webhook.post(reviewOf(podWith(NO_SECRET))));
    expect(answer).toMatchObject({ uid: UID, allowed: false, status: { code: status.code } });
    expect(answer.status?.message).toMatch(/E_NOT_INJECTED.*k8s.*[Ff]ix: /);
  });

  test("admission-v2-bad-annotation: Flyte's cause, with a code and a fix", async () => {
    const { status } = flyte("admission-v2-bad-annotation").response;
    const [, cause = status.message] = status.message.split("Error: ");
    const answer = responseIn(await webhook.post(reviewOf(badAnnotation)));
    expect(answer).toMatchObject({ uid: UID, allowed: false, status: { code: status.code } });
    expect(answer.status?.message).toContain(`E_ANNOTATION: annotation flyte.secrets/s0: ${cause}`);
    expect(answer.status?.message).toMatch(/[Ff]ix: /);
  });
});

test("admission-v1-panic-k8s-lib-0.22: a global secret asked for as FILE is left to the next manager", async () => {
  vi.stubEnv("FLYTE_SECRET_USER-INFO_PASSWORD", "v");
  await using withGlobalSecret = await startWebhook();
  vi.unstubAllEnvs();
  const pod = podWith({ ...A_SECRET, mountRequirement: "FILE" });
  const answer = await withGlobalSecret.post(reviewOf(pod));
  expect(responseIn(answer)).toMatchObject({ uid: UID, allowed: true, patchType: "JSONPatch" });
  expect(patchIn(answer)).toContainEqual({
    op: "add",
    path: "/spec/volumes",
    value: [expect.objectContaining({ secret: expect.objectContaining({ secretName: "user-info" }) })],
  });
});

describe("a request that is no review gets Flyte's words, as an HTTP error", () => {
  test("http-empty-body", async () => {
    const { status } = flyte("http-empty-body").response;
    const answer = await webhook.post("");
    expect(answer.code).toBe(status.code);
    expect(statusIn(answer).message).toContain(status.message);
  });

  test("http-wrong-content-type", async () => {
    const { status } = flyte("http-wrong-content-type").response;
    const answer = await webhook.post(reviewOf(podWith(A_SECRET)), { headers: { "Content-Type": "text/plain" } });
    expect(answer.code).toBe(415);
    expect(statusIn(answer).message).toContain(status.message);
  });

  test("http-too-large", async () => {
    const { status } = flyte("http-too-large").response;
    const answer = await webhook.post("", { headers: { "Content-Length": "7340033" } });
    expect(answer.code).toBe(status.code);
    expect(statusIn(answer).message).toContain(status.message);
  });
});
