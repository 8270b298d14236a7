import type { Annotations, PodSpec, SecretAsk } from "@pod-secrets/core";
import { describe, expect, test } from "vitest";

import { KV1, KV2, admitted, agentAnnotations, injectorOf, podAsking, refusal, secretIds } from "./admission.ts";

const ASKS: readonly SecretAsk[] = [{ group: "secret/data/app", key: "password" }];
const [ID = ""] = secretIds(await admitted(podAsking(ASKS)));

const pod = (annotations: Annotations, spec: Partial<PodSpec> = {}): ReturnType<typeof podAsking> =>
  podAsking(
    ASKS,
    Object.fromEntries(Object.entries(annotations).map(([name, value]) => [`vault.hashicorp.com/${name}`, value])),
    spec,
  );

describe("a pod whose annotations contradict the secret is refused, and the message names the annotation", () => {
  test.each([
    ["agent-inject", "false"],
    ["agent-inject", ""],
    ["agent-inject", "yes please"],
    ["secret-volume-path", "/vault/secrets"],
    ["secret-volume-path", "/etc/flyte/secrets/../other"],
    [`secret-volume-path-${ID}`, "/elsewhere"],
    // The Vault Agent Injector makes a second volume of it, over the first.
    [`secret-volume-path-${ID}`, "/etc/flyte/secrets/"],
    [`agent-inject-secret-${ID}`, "secret/data/other"],
    [`agent-inject-file-${ID}`, "elsewhere"],
    [`agent-inject-template-${ID}`, '{{ with secret "other/path" }}{{ .Data }}{{ end }}'],
    ["agent-pre-populate", "false"],
    ["agent-pre-populate", ""],
  ])("%s: %j", async (name, value) => {
    const refused = await refusal(pod({ [name]: value }));
    expect(refused.code).toBe("E_ANNOTATION_CONFLICT");
    expect(refused.message).toContain(`annotation vault.hashicorp.com/${name} is ${JSON.stringify(value)}`);
    expect(refused.fix).toContain("Remove the annotation");
  });

  test("agent-inject-status: injected, before the secret is there", async () => {
    const refused = await refusal(pod({ "agent-inject-status": "injected" }));
    expect(refused.code).toBe("vault-kv2/agent-ran-first");
    expect(refused.message).toContain("annotation vault.hashicorp.com/agent-inject-status");
    expect(refused.fix).toContain("a name that sorts before the one of the Vault Agent Injector");
  });

  test("a volume path of the configuration too, when it is not where the task looks", async () => {
    const annotations = { "vault.hashicorp.com/secret-volume-path": "/vault/secrets" };
    const refused = await refusal(pod({}), { injectors: [injectorOf(KV2, { annotations })] });
    expect(refused.message).toContain('secret-volume-path is "/vault/secrets"');
  });
});

describe("a pod may say", () => {
  test.each([
    ["agent-inject", "1"],
    ["agent-inject", "True"],
    ["secret-volume-path", "/etc/flyte/secrets"],
    ["secret-volume-path", "/etc/flyte/secrets/"],
    [`secret-volume-path-${ID}`, "/etc/flyte/secrets"],
    ["agent-inject-status", "update"],
    ["agent-pre-populate", "true"],
    [`error-on-missing-key-${ID}`, "false"],
    ["agent-init-first", "true"],
    ["agent-inject-secret-mine", "secret/mine"],
  ])("%s: %j", async (name, value) => {
    const annotations = (await admitted(pod({ [name]: value }))).metadata?.annotations;
    expect(annotations).toHaveProperty([`vault.hashicorp.com/${name}`], value);
    expect(annotations).toHaveProperty([`vault.hashicorp.com/agent-inject-secret-${ID}`]);
  });

  test("that it wants a sidecar alone", async () => {
    const own = { "agent-pre-populate": "false", "agent-pre-populate-only": "false" };
    expect(agentAnnotations(await admitted(pod(own)))).toMatchObject(own);
  });
});

test("a pod with a volume of the name that the Vault Agent Injector's has is refused, unless that is it", async () => {
  const volumes = [{ name: "vault-secrets", emptyDir: {} }];
  expect(await refusal(pod({}, { volumes }))).toMatchObject({ code: "E_VOLUME_CONFLICT" });
  const first = await admitted(pod({}));
  const annotations = { ...first.metadata?.annotations, "vault.hashicorp.com/agent-inject-status": "injected" };
  expect(secretIds(await admitted(podAsking(ASKS, annotations, { volumes })))).toEqual([ID]);
});

describe("two Vault managers of one pod, which has one agent", () => {
  const kv1: SecretAsk = { group: "secret/app", key: "token", groupVersion: "kv1" };
  const both = [...ASKS, kv1];

  test("must agree on the role, unless the pod has its own", async () => {
    const injectors = [injectorOf(KV2, { role: "reader" }), injectorOf(KV1, { role: "writer" })];
    const refused = await refusal(podAsking(both), { injectors });
    expect(refused).toMatchObject({ code: "E_ANNOTATION_CONFLICT", request: { groupVersion: "kv1" } });
    expect(refused.message).toContain(
      'annotation vault.hashicorp.com/role is "reader" for another Vault secret of this pod, and "writer" for this one',
    );
    expect(refused.fix).toContain("all Vault managers with the same role");
    const own = { "vault.hashicorp.com/role": "team" };
    expect(agentAnnotations(await admitted(podAsking(both, own), { injectors }))).toMatchObject({ role: "team" });
    expect(secretIds(await admitted(podAsking(ASKS), { injectors }))).toEqual([ID]);
  });

  test("must agree on annotations", async () => {
    const only = injectorOf(KV2, { annotations: { "vault.hashicorp.com/agent-pre-populate-only": "false" } });
    expect(await refusal(podAsking(both), { injectors: [only, injectorOf(KV1)] })).toMatchObject({
      code: "E_ANNOTATION_CONFLICT",
    });
    const namespace = injectorOf(KV2, { annotations: { "vault.hashicorp.com/namespace": "data" } });
    expect(secretIds(await admitted(podAsking(both), { injectors: [namespace, injectorOf(KV1)] }))).toHaveLength(2);
  });
});

describe("a pod without a service account token", () => {
  const spec = { automountServiceAccountToken: false };

  test("is refused, since the agent could not log in", async () => {
    const refused = await refusal(pod({}, spec));
    expect(refused.code).toBe("vault-kv2/no-service-account-token");
    expect(refused.message).toContain("automountServiceAccountToken");
    expect(refused.fix).toContain("agent-service-account-token-volume-name");
  });

  test("is fine when it, or the configuration, names a volume with one", async () => {
    const name = "agent-service-account-token-volume-name";
    expect(secretIds(await admitted(pod({ [name]: "token" }, spec)))).toEqual([ID]);
    const annotations = { [`vault.hashicorp.com/${name}`]: "token" };
    await admitted(pod({}, spec), { injectors: [injectorOf(KV2, { annotations })] });
    await expect(refusal(pod({ [name]: "" }, spec))).resolves.toMatchObject({
      code: "vault-kv2/no-service-account-token",
    });
  });

  test("is fine when a container mounts one where vault-k8s looks", async () => {
    const mount = { name: "token", mountPath: "/var/run/secrets/kubernetes.io/serviceaccount" };
    const own = await admitted(pod({}, { ...spec, containers: [{ name: "main", volumeMounts: [mount] }] }));
    expect(secretIds(own)).toEqual([ID]);
  });
});

test.each(["kube-system", "kube-public"])("pods of %s get no Vault secrets", async (namespace) => {
  expect(await refusal(pod({}), { namespace })).toMatchObject({ code: "vault-kv2/system-namespace" });
});
