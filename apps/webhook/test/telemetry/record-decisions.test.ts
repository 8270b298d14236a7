import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { pluginSource } from "../compose/plugin-folder.ts";
import { A_SECRET, NO_SECRET, podWith, reviewOf, UID } from "../server/reviews.ts";
import { startWebhook, type StartedWebhook } from "../server/started-webhook.ts";

let webhook: StartedWebhook;
beforeAll(async () => {
  webhook = await startWebhook();
});
afterAll(() => webhook[Symbol.asyncDispose]());

async function lineFor(body: string): Promise<Record<string, unknown> | undefined> {
  await webhook.post(body);
  return (await webhook.logged()).at(-1);
}

const CREATE_FAILING = `() => ({ name: "acme", inject: () => { throw new Error("canary"); } })`;

describe("an admission is one line", () => {
  test("that says who got what from where, by names", async () => {
    const pod = podWith(A_SECRET, { group: "db", key: "dsn", mountRequirement: "FILE" });
    expect(await lineFor(reviewOf(pod))).toEqual({
      level: "info",
      time: expect.any(String),
      message: "admission",
      uid: UID,
      namespace: "flytesnacks-development",
      pod: "task",
      operation: "CREATE",
      dryRun: false,
      outcome: "changed",
      milliseconds: expect.any(Number),
      secrets: ["user-info/password: k8s", "db/dsn: k8s"],
    });
  });
  test("of level warn where it was refused, with the message that the user gets", async () => {
    const line = await lineFor(reviewOf(podWith(A_SECRET, NO_SECRET)));
    expect(line).toMatchObject({ level: "warn", message: "admission refused", outcome: "refused" });
    expect(line?.["secrets"]).toEqual([
      "user-info/password: refused E_WITHDRAWN",
      expect.stringMatching(/^user-info\/: refused [A-Za-z_/-]+$/),
    ]);
    expect(line?.["refusal"]).toMatch(/^pod-secrets: 1 of 2 secrets cannot be injected: /);
  });
  test("that says where in its code an injector failed, which the pod's creator is not told", async () => {
    const folder = await mkdtemp(join(tmpdir(), "failing-injector-"));
    await writeFile(join(folder, "acme.mjs"), pluginSource({ create: CREATE_FAILING }));
    await using failing = await startWebhook({ config: `global: false\nmanagers: [{ use: ${folder}/acme.mjs }]` });
    const { text } = await failing.post(reviewOf(podWith(A_SECRET)));
    await rm(folder, { recursive: true });
    expect((await failing.logged()).at(-1)?.["secrets"]).toEqual([
      expect.stringMatching(/^user-info\/password: refused E_INJECTOR_FAILED at acme\.mjs:\d+:\d+$/),
    ]);
    expect(text).toContain("E_INJECTOR_FAILED");
    expect(text).not.toContain("acme.mjs");
  });
  test("without secrets where the pod asks for none", async () => {
    const line = await lineFor(reviewOf(podWith()));
    expect(line).toMatchObject({ level: "info", outcome: "unchanged" });
    expect(line).not.toHaveProperty("secrets");
  });
  test("of an annotation that cannot be read, with its code in the metrics", async () => {
    const pod = podWith(A_SECRET);
    const annotations = { "flyte.secrets/s0": "!!!" };
    const body = reviewOf({ ...pod, metadata: { ...pod.metadata, annotations } });
    expect(await lineFor(body)).toMatchObject({ level: "warn", outcome: "refused" });
    expect((await webhook.operations("/metrics")).text).toMatch(/pod_secrets_refusals_total\{code="E_ANNOTATION"\} 1/);
  });
  test("of a review without a pod, which counts as a review that cannot be read", async () => {
    expect(await lineFor(reviewOf(null))).toMatchObject({ level: "warn", outcome: "refused" });
    expect((await webhook.operations("/metrics")).text).toMatch(/pod_secrets_refusals_total\{code="E_REVIEW"\} 1/);
  });
});

describe("with onFailure: admit, a pod that starts without its secrets is", () => {
  test("warned of with the message that a refusal would have, and counted", async () => {
    await using lenient = await startWebhook({ config: "{ onFailure: admit, managers: [{ use: k8s }] }" });
    await lenient.post(reviewOf(podWith(A_SECRET, NO_SECRET)));
    expect((await lenient.logged()).at(-1)).toMatchObject({
      level: "warn",
      message: "pod admitted without its secrets",
      outcome: "unchanged",
      refusal: expect.stringMatching(/^pod-secrets: 1 of 2 secrets cannot be injected: /) as unknown,
    });
    expect((await lenient.operations("/metrics")).text).toMatch(/pod_secrets_refusals_total\{code="[\w/-]+"\} 1/);
  });
  test("counted by what is wrong with it, where every secret could be given", async () => {
    await using lenient = await startWebhook({ config: "{ onFailure: admit, managers: [{ use: k8s }] }" });
    const { spec, ...pod } = podWith({ ...A_SECRET, envVar: "TOKEN" }, { ...A_SECRET, key: "other", envVar: "TOKEN" });
    const containers = spec?.containers.map((container) => ({ ...container, env: [{ name: "TOKEN", value: "own" }] }));
    await lenient.post(reviewOf({ ...pod, spec: { containers } }));
    const { text } = await lenient.operations("/metrics");
    expect(text).toMatch(/pod_secrets_refusals_total\{code="E_ENV_COLLISION"\} 1/);
    expect(text).toMatch(/pod_secrets_secrets_total\{injector="k8s",outcome="refused"\} 2/);
  });
  test("told apart from a pod that asks for none, where no secret is to blame but the pod as a whole", async () => {
    await using lenient = await startWebhook({ config: "onFailure: admit\n" });
    const pod = podWith(A_SECRET);
    const annotations = { "flyte.secrets/s0": "!!!" };
    await lenient.post(reviewOf({ ...pod, metadata: { ...pod.metadata, annotations } }));
    expect((await lenient.logged()).at(-1)).toMatchObject({
      level: "warn",
      message: "pod admitted without its secrets",
      outcome: "unchanged",
      refusal: expect.stringMatching(/^pod-secrets: E_ANNOTATION: /) as unknown,
    });
    expect((await lenient.operations("/metrics")).text).toMatch(/pod_secrets_refusals_total\{code="E_ANNOTATION"\} 1/);
  });
});

describe("hostile names", () => {
  test.each([
    ["line feed", "a\nb"],
    ["terminal escape", "\u001b[31mred"],
    ["right to left override", "\u202egnp"],
    ["quote", '"},{"level":"error"'],
    ["10,000 characters", "n".repeat(10_000)],
  ])("%s: stand quoted, cut and escaped in one line", async (_, name) => {
    const pod = podWith({ ...A_SECRET, group: name });
    const before = (await webhook.logged()).length;
    const line = await lineFor(
      reviewOf({ ...pod, metadata: { ...pod.metadata, name } }, { uid: name, namespace: name }),
    );
    expect((await webhook.logged()).length).toBe(before + 1);
    for (const field of ["uid", "namespace", "pod"]) {
      const text = String(line?.[field]);
      expect(text).toMatch(/^"[^\p{C}]*"$/u);
      expect(text.length).toBeLessThan(300);
    }
    expect(JSON.stringify(line)).not.toMatch(/\p{Cc}|\u202e/u);
  });
});
