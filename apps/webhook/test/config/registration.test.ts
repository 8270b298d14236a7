/** `registration:` and `kubernetes:` of a config file, and where Flyte's file says the same. */
import { resolve } from "node:path";
import { describe, expect, it, onTestFinished, vi } from "vitest";

import { findings, goodConfig, warnings } from "./loaded.ts";

describe("registration", () => {
  it("is not there unless it is asked for", async () => {
    expect((await goodConfig("")).registration).toBeUndefined();
  });

  it("has a default for each key that needs one", async () => {
    expect((await goodConfig("registration: {}")).registration).toEqual({
      name: "flyte-pod-webhook",
      webhook: "flyte-pod-webhook.flyte.org",
      failurePolicy: "Fail",
      timeoutSeconds: 10,
      reinvocationPolicy: "IfNeeded",
      objectSelector: { matchLabels: { "inject-flyte-secrets": "true" } },
      matchConditions: [],
      labels: {},
      annotations: {},
    });
  });

  it.each([
    ["name: Upper", 'key "registration.name" must consist of'],
    ["webhook: a.b", 'key "registration.webhook" must be a name with two dots or more'],
    ["url: http://a", 'key "registration.url" must be https://'],
    ["url: https://a/b", 'key "registration.url" must be https://'],
    ["url: 'https://u:p@a'", 'key "registration.url" must be https://'],
    ["url: 'https://a?x'", 'key "registration.url" must be https://'],
    ["url: 'https://a', service: {}", 'key "registration.url" contradicts `registration.service`'],
    ["timeoutSeconds: 31", 'key "registration.timeoutSeconds" must be at most 30'],
    ["failurePolicy: fail", 'key "registration.failurePolicy" must be'],
    ["service: { port: 0 }", 'key "registration.service.port" must be at least 1'],
    ["service: { namespace: x }", 'unknown key "namespace" in "registration.service"'],
    ["objectSelector: { matchLabels: { 'a b': c } }", "registration.objectSelector.matchLabels"],
    [
      "namespaceSelector: { matchExpressions: [{ key: a, operator: In }] }",
      'key "registration.namespaceSelector.matchExpressions.0.values" is needed by operator In',
    ],
    [
      "namespaceSelector: { matchExpressions: [{ key: a, operator: Exists, values: [b] }] }",
      'key "registration.namespaceSelector.matchExpressions.0.values" must not be there with operator Exists',
    ],
    ["owner: { kind: ReplicaSet, name: x }", 'key "registration.owner.kind" must be'],
    ["caBundle: managed", 'key "registration.caBundle" is `managed`, and `server.certificates` is a directory'],
  ])("tells what is wrong, and where: %s", async (keys, message) => {
    expect(await findings(`registration: { ${keys} }`)).toEqual([expect.stringContaining(message)]);
  });

  it("is a warning when Vault's injector would be called before it", async () => {
    const late = "registration: { name: workflows-webhook }\n";
    expect(await warnings(`${late}managers: [{ use: vault-kv2, options: { role: flyte } }]`)).toEqual([
      expect.stringMatching(/^1:23 W_CONFIG_ORDER registration "workflows-webhook" is called after/),
    ]);
    expect(await warnings(late)).toEqual([]);
    expect(await warnings("registration: {}\nmanagers: [{ use: vault-kv2, options: { role: flyte } }]")).toEqual([]);
  });
});

describe("kubernetes", () => {
  it("names a kubeconfig and a namespace", async () => {
    const text = "kubernetes: { kubeconfig: admin.conf, namespace: flyte }";
    expect((await goodConfig(text)).kubernetes).toEqual({ kubeconfig: "admin.conf", namespace: "flyte" });
    expect(await findings("kubernetes: { namespace: A }")).toEqual([expect.stringContaining('"kubernetes.namespace"')]);
  });
});

describe("Flyte's file", () => {
  it("registers by default, under Flyte's names", async () => {
    for (const text of ["webhook: {}", "webhook:", "secrets: {}"])
      expect((await goodConfig(text)).registration).toEqual((await goodConfig("registration: {}")).registration);
  });

  it("names the registration after its Service", async () => {
    const text = "webhook: { serviceName: other, servicePort: 8443, namespaceSelector: { matchLabels: { team: a } } }";
    const config = await goodConfig(text);
    expect(config.registration).toMatchObject({
      name: "other",
      service: { name: "other", port: 8443 },
      namespaceSelector: { matchLabels: { team: "a" } },
    });
    expect(await warnings(text)).toEqual([]);
  });

  it("registers nothing when it says so", async () => {
    const config = await goodConfig("webhook: { disableCreateMutatingWebhookConfig: true, serviceName: x }");
    expect(config.registration).toBeUndefined();
  });

  it("is told where its own keys are wrong", async () => {
    expect(await findings('webhook:\n  disableCreateMutatingWebhookConfig: "yes"\n')).toEqual([
      expect.stringMatching(
        /^2:39 E_CONFIG_TYPE key "webhook.disableCreateMutatingWebhookConfig" must be true or false/,
      ),
    ]);
    expect(await findings("webhook:\n  servicePort: 99999\n")).toEqual([
      expect.stringMatching(/^2:16 E_CONFIG_VALUE key "webhook.servicePort" must be at most 65535/),
    ]);
  });

  it("names a kubeconfig relative to where the command runs, with env vars in it", async () => {
    vi.stubEnv("CONFIGS", "configs");
    onTestFinished(() => void vi.unstubAllEnvs());
    const config = await goodConfig("propeller: { kube-config: $CONFIGS/kube, workers: 4 }\nwebhook: {}");
    expect(config.kubernetes).toEqual({ kubeconfig: resolve("configs/kube") });
    expect((await goodConfig('propeller: { kube-config: "" }\nwebhook: {}')).kubernetes).toEqual({});
  });

  it("has no section `registration`", async () => {
    expect(await findings("webhook: {}\nregistration: {}")).toEqual([expect.stringMatching(/^2:1 E_CONFIG_MIXED/)]);
  });
});
