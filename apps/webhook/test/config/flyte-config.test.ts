import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";

import type { Config } from "../../src/config/schema.ts";
import { findings, goodConfig, optionsOf, warnings } from "./loaded.ts";

const uses = (config: Config): readonly string[] => config.managers.map(({ use }) => use);

describe("a file with Flyte's sections", () => {
  it("works as Flyte's chart writes it", async () => {
    const file = join(import.meta.dirname, "../../../../examples/config/flyte-configmap.yaml");
    const config = await goodConfig(readFileSync(file, "utf8"));

    expect(config).toMatchObject({
      profile: "flyte-v1",
      global: { directory: "/etc/secrets", envPrefix: "FLYTE_SECRET_" },
      server: { certificates: "/etc/webhook/certs", port: 9443 },
    });
    expect(uses(config)).toEqual(["vault-kv1", "vault-kv2", "vault-db"]);
    expect(optionsOf(config, "vault-kv2")).toEqual({
      role: "flyte",
      unversioned: true,
      annotations: { "vault.hashicorp.com/agent-limits-mem": "64Mi" },
    });
  });

  it("is told by `webhook:` or by `secrets:`, and defaults to Kubernetes Secrets", async () => {
    const [one, other] = [await goodConfig("webhook: {}"), await goodConfig("secrets:\n  env-prefix: X_\n")];

    expect(uses(one)).toEqual(["k8s"]);
    expect(other).toMatchObject({ global: { envPrefix: "X_" } });
    expect(uses(other)).toEqual(["k8s"]);
  });

  it("may have empty sections", async () => {
    expect(uses(await goodConfig("webhook:\nsecrets:\n"))).toEqual(["k8s"]);
  });

  it("ignores every other section without a word", async () => {
    const text =
      "propeller: { prof-port: 1 }\nlogger: { level: 5 }\nadmin: {}\nstorage: { type: s3 }\nserver: x\nwebhook: {}\n";

    expect(await warnings(text)).toEqual([]);
  });

  it("is not mixed with our own keys", async () => {
    expect(await findings("webhook: {}\nmanagers: [{ use: k8s }]\n")).toEqual([
      expect.stringMatching(/^2:1 E_CONFIG_MIXED key "managers" is of our own format/),
    ]);
  });
});

describe("secretManagerType", () => {
  it.each([
    ["K8s", ["k8s"]],
    ["k8s", ["k8s"]],
    ["AWS", ["aws"]],
    ["aws", ["aws"]],
    ["GCP", ["gcp"]],
    ["gcp", ["gcp"]],
    ["Azure", ["azure"]],
    ["VAULT", ["vault-kv1", "vault-kv2", "vault-db"]],
    ["Global", []],
    ["0", []],
    ["1", ["k8s"]],
    ['"2"', ["aws"]],
    ["3", ["gcp"]],
    ["4", ["vault-kv1", "vault-kv2", "vault-db"]],
  ])("%s", async (type, managers) => {
    expect(uses(await goodConfig(`webhook: { secretManagerType: ${type} }`))).toEqual(managers);
  });

  it("Confidant, for which Flyte has no settings, leads to a config of our own format", async () => {
    expect(await findings("webhook:\n  secretManagerType: Confidant\n")).toEqual([
      "2:22 E_CONFIG_UNAVAILABLE Flyte's manager Confidant has no settings in Flyte's file. Fix: Write a config file of our own format with `use: confidant`; `pod-secrets injectors` shows its options.",
    ]);
  });

  it("that nobody knows lists those that work, with the nearest", async () => {
    expect(await findings("webhook: { secretManagerType: Valut }")).toEqual([
      '1:31 E_CONFIG_UNKNOWN_MANAGER unknown secret manager "Valut". Fix: Did you mean Vault? Flyte\'s managers that work here: K8s, AWS, GCP, Azure, Vault, Embedded, Global.',
    ]);
  });
});

describe("Vault", () => {
  it("is three managers with one role", async () => {
    const config = await goodConfig("webhook: { secretManagerType: Vault, vaultSecretManager: { role: tasks } }");

    expect(config.managers.map(({ options }) => options)).toEqual([
      { role: "tasks" },
      { role: "tasks" },
      { role: "tasks" },
    ]);
  });

  it.each([
    ['"1"', true, false],
    ["1", true, false],
    ['"2"', false, true],
    ["2", false, true],
  ])("kvVersion %s is the engine of secrets without a group_version", async (version, kv1, kv2) => {
    const config = await goodConfig(
      `webhook: { secretManagerType: Vault, vaultSecretManager: { kvVersion: ${version} } }`,
    );

    expect(optionsOf(config, "vault-kv1")).toEqual({ unversioned: kv1 });
    expect(optionsOf(config, "vault-kv2")).toEqual({ unversioned: kv2 });
    expect(optionsOf(config, "vault-db")).toEqual({});
  });

  it.each(["3", "{ toString: 1, valueOf: 1 }"])("kvVersion %s is none", async (version) => {
    expect(
      await findings(`webhook: { secretManagerType: Vault, vaultSecretManager: { kvVersion: ${version} } }`),
    ).toEqual([
      '1:71 E_CONFIG_VALUE key "webhook.vaultSecretManager.kvVersion" must be "1" or "2". Fix: Write "1" or "2".',
    ]);
  });

  it.each([
    ["a mapping", "      vault.hashicorp.com/namespace: admin\n      vault.hashicorp.com/role: r\n"],
    ["a list of mappings", "      - vault.hashicorp.com/namespace: admin\n      - vault.hashicorp.com/role: r\n"],
  ])("takes annotations as %s", async (_, annotations) => {
    const config = await goodConfig(
      `webhook:\n  secretManagerType: Vault\n  vaultSecretManager:\n    annotations:\n${annotations}`,
    );

    expect(optionsOf(config, "vault-db")).toEqual({
      annotations: { "vault.hashicorp.com/namespace": "admin", "vault.hashicorp.com/role": "r" },
    });
  });

  it("takes an annotation's name as it is, with capitals too, as the API server does", async () => {
    const annotations = { "Example.com/Cost-Centre": "7" };
    const text = `webhook: { secretManagerType: Vault, vaultSecretManager: { annotations: ${JSON.stringify(annotations)} } }`;

    expect(optionsOf(await goodConfig(text), "vault-kv2")).toEqual({ annotations });
  });

  it("finds a wrong annotation in Flyte's file once, though three managers get it", async () => {
    const text = `webhook:
  secretManagerType: Vault
  vaultSecretManager:
    annotations:
      - vault.hashicorp.com/namespace: admin
      - vault.hashicorp.com/tls-skip-verify: true
`;

    expect(await findings(text)).toEqual([
      '6:46 E_CONFIG_TYPE option "webhook.vaultSecretManager.annotations.1.vault.hashicorp.com/tls-skip-verify" must be a text, not true. Fix: Put it in quotes.',
    ]);
  });
});

it("settings of a manager that Flyte does not know are a warning", async () => {
  expect(await warnings("webhook: { secretManagerType: AWS, awsSecretManager: { image: x } }")).toEqual([
    expect.stringMatching(/^1:56 W_CONFIG_UNUSED key "webhook\.awsSecretManager\.image" is not one of Flyte's\./),
  ]);
  expect(await warnings("webhook: { secretManagerType: Vault, vaultSecretManager: { rol: x } }")).toEqual([
    expect.stringMatching(/key "webhook\.vaultSecretManager\.rol" is not one of Flyte's\. Fix: Did you mean role\?/),
  ]);
});

it("Vault annotations that are a list of anything but mappings are found in Flyte's file", async () => {
  const text = "webhook: { secretManagerType: Vault, vaultSecretManager: { annotations: [a: b, c] } }";

  expect(await findings(text)).toEqual([
    '1:73 E_CONFIG_TYPE option "webhook.vaultSecretManager.annotations" must be a mapping, not a list. Fix: Write a mapping.',
  ]);
});

it("secretManagerTypes that are no list are found", async () => {
  expect(await findings("webhook: { secretManagerTypes: K8s }")).toEqual([
    '1:32 E_CONFIG_TYPE key "webhook.secretManagerTypes" must be a list. Fix: Write `[K8s]`.',
  ]);
});

describe("keys of `webhook` and `secrets`", () => {
  it("are read in any letter case, as Flyte does", async () => {
    const config = await goodConfig("webhook: { LISTENPORT: 8443, certdir: /c, SecretManagerType: AWS }");

    expect(config.server).toMatchObject({ port: 8443, certificates: "/c" });
    expect(uses(config)).toEqual(["aws"]);
  });

  it.each(["{}", "{ secret: x }", "[/certs]", "3"])("take a text alone as certDir, and not %j", async (value) => {
    expect(await findings(`webhook: { certDir: ${value} }`)).toEqual([
      expect.stringMatching(
        /^1:\d+ E_CONFIG_TYPE key "webhook\.certDir" must be a text\. Fix: Write the path of a directory\.$/,
      ),
    ]);
  });

  it("expand env vars in certDir", async () => {
    vi.stubEnv("POD_SECRETS_TEST_ROOT", "/run");
    const config = await goodConfig("webhook: { certDir: '$POD_SECRETS_TEST_ROOT/${POD_SECRETS_TEST_ROOT}/certs' }");
    vi.unstubAllEnvs();

    expect(config.server.certificates).toBe("/run//run/certs");
  });

  it("are not overridden by env vars, as Flyte's are", async () => {
    vi.stubEnv("WEBHOOK.CERTDIR", "/elsewhere");
    vi.stubEnv("SECRETS.ENV_PREFIX", "X_");
    const config = await goodConfig("webhook: { certDir: /certs }\nsecrets: { env-prefix: MY_ }\n");
    vi.unstubAllEnvs();

    expect(config.server.certificates).toBe("/certs");
    expect(config.global).toMatchObject({ envPrefix: "MY_" });
  });

  it("warn of an env var that is not set", async () => {
    expect(await warnings("webhook: { certDir: /a/$POD_SECRETS_TEST_UNSET }")).toEqual([
      expect.stringMatching(
        /^1:12 W_CONFIG_ENV_UNSET env var "POD_SECRETS_TEST_UNSET" in key "webhook\.certDir" is not set\./,
      ),
    ]);
  });

  it("without a value are not set, as for Flyte", async () => {
    const empty = await goodConfig(`
webhook:
  secretManagerType: Vault
  listenPort:
  certDir: null
  localCert: ~
  vaultSecretManager: { role: , kvVersion: , annotations: }
  namespaceSelector:
  serviceName:
secrets:
  env-prefix:
`);

    expect(empty).toEqual({
      ...(await goodConfig("webhook: { secretManagerType: Vault }")),
      managers: expect.anything(),
      global: expect.anything(),
      revision: expect.anything(),
      baseDirectory: expect.anything(),
      locate: expect.anything(),
    });
    expect(empty.managers.map(({ options }) => options)).toEqual([{}, {}, {}]);
  });

  it("of the wrong type are found in Flyte's file, by Flyte's names", async () => {
    expect(await findings('webhook:\n  listenPort: "x"\nsecrets:\n  env-prefix: 1\n')).toEqual([
      '2:15 E_CONFIG_TYPE key "webhook.listenPort" must be a number, not a text. Fix: Write a number.',
      '4:15 E_CONFIG_TYPE option "secrets.env-prefix" must be a text, not a number. Fix: Put it in quotes.',
    ]);
  });

  it("must be mappings", async () => {
    expect(await findings("webhook: [1]\nsecrets: x\n")).toEqual([
      expect.stringContaining('1:10 E_CONFIG_TYPE key "webhook" must be a mapping'),
      expect.stringContaining('2:10 E_CONFIG_TYPE key "secrets" must be a mapping'),
    ]);
  });

  it.each(["metrics-prefix: 'flyte:'", "secretManagerType: K8s, webhookTimeout: 30"])(
    "that have no effect here are a warning: %s",
    async (keys) => {
      expect(await warnings(`webhook: { ${keys} }`)).toEqual([
        expect.stringMatching(/W_CONFIG_UNUSED key "webhook\.[\w-]+" has no effect here: /),
      ]);
    },
  );

  it("of a manager that is not chosen are a warning", async () => {
    expect(await warnings("webhook: { gcpSecretManager: {} }")).toEqual([
      expect.stringContaining("GCP is not the secret manager. Fix: Set secretManagerType to GCP if it is meant."),
    ]);
    expect(await warnings("webhook: { vaultSecretManager: { role: x } }")).toEqual([
      '1:12 W_CONFIG_UNUSED key "webhook.vaultSecretManager" has no effect here: Vault is not the secret manager. Fix: Set secretManagerType to Vault if it is meant.',
    ]);
  });

  it("say nothing of `secrets.type: local`, which is what global secrets are here, and warn of another", async () => {
    expect(await warnings("secrets: { type: local }")).toEqual([]);
    expect(await warnings("secrets: { type: etcd }")).toEqual([
      expect.stringMatching(
        /^1:12 W_CONFIG_UNUSED key "secrets\.type" has no effect here: global secrets are the webhook's own env vars and files\./,
      ),
    ]);
  });

  it("that Flyte does not know are a warning too, as Flyte starts with them", async () => {
    expect(await warnings("webhook: { secretManagerTyp: AWS }\nsecrets: { foo: 1 }\n")).toEqual([
      expect.stringMatching(
        /^1:12 W_CONFIG_UNUSED key "webhook\.secretManagerTyp" is not one of Flyte's\. Fix: Did you mean secretManagerType\?/,
      ),
      expect.stringContaining('2:12 W_CONFIG_UNUSED key "secrets.foo" is not one of Flyte\'s'),
    ]);
  });
});

describe("a file of Flyte 2", () => {
  it.each([
    "secretManagerTypes: [K8s]",
    "secretManagerType: K8s, secretEnvVarPrefix: _X_",
    "secretManagerType: K8s, cacheInvalidationPort: 0",
    "secretManagerType: K8s, webhookTimeout: 30",
    "secretManagerType: K8s, kubeClientConfig: {}",
    "secretManagerType: K8s, embeddedSecretManagerConfig: {}",
    "secretManagerType: K8s, azureSecretManager: {}",
    "secretManagerType: Azure",
  ])("is told by its keys: %s", async (keys) => {
    expect((await goodConfig(`webhook: { ${keys} }`)).profile).toBe("flyte-v2");
  });

  it("keeps the profile that the command line names", async () => {
    expect((await goodConfig("webhook: { secretManagerTypes: [K8s] }", { profile: "flyte-v1" })).profile).toBe(
      "flyte-v1",
    );
  });

  it("has no port to drop values by, and a warning says so", async () => {
    expect(await warnings("webhook: { secretManagerTypes: [K8s], cacheInvalidationPort: 9444 }")).toEqual([
      expect.stringContaining(
        'W_CONFIG_UNUSED key "webhook.cacheInvalidationPort" has no effect here: values are dropped from the cache by their age alone',
      ),
    ]);
  });

  it("has its managers in order, each once, and its env prefix", async () => {
    const config = await goodConfig(
      "webhook: { secretManagerType: Embedded, secretManagerTypes: [AWS, Global, k8s, aws], secretEnvVarPrefix: _S_ }",
    );

    expect(uses(config)).toEqual(["aws", "k8s"]);
    expect(config.envPrefix).toBe("_S_");
  });

  it("finds each manager of the list that is not available", async () => {
    expect(await findings("webhook:\n  secretManagerTypes:\n    - K8s\n    - Confidant\n    - Nope\n")).toEqual([
      expect.stringMatching(/^4:7 E_CONFIG_UNAVAILABLE Flyte's manager Confidant /),
      expect.stringMatching(/^5:7 E_CONFIG_UNKNOWN_MANAGER unknown secret manager "Nope"/),
    ]);
  });

  it("defaults to Embedded, which somebody has to name", async () => {
    expect(await findings("webhook:\n  cacheInvalidationPort: 9444\n")).toEqual([
      expect.stringMatching(/E_CONFIG_UNAVAILABLE no secret manager is named, and Flyte 2's default puts the values/),
    ]);
  });

  it("with an empty list takes the single one", async () => {
    expect(uses(await goodConfig("webhook: { secretManagerTypes: [], secretManagerType: AWS }"))).toEqual(["aws"]);
  });
});
