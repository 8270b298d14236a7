import type { SecretAsk } from "@pod-secrets/core";
import { describe, expect, test } from "vitest";

import {
  DB,
  KV2,
  admit,
  admitted,
  agentAnnotations,
  contextOf,
  injectorOf,
  podAsking,
  refusal,
  secretIds,
} from "./admission.ts";

const PASSWORD: SecretAsk = { group: "secret/data/app", key: "password" };

describe("what the pod gets", () => {
  test("annotations for the Vault Agent Injector, as Flyte writes them, and that a missing key is an error", async () => {
    const pod = await admitted(podAsking([PASSWORD]));
    expect(agentAnnotations(pod)).toEqual({
      "agent-inject": "true",
      "secret-volume-path": "/etc/flyte/secrets",
      role: "flyte",
      "agent-pre-populate-only": "true",
      "agent-inject-secret-ID": "secret/data/app",
      "agent-inject-file-ID": "secret/data/app/password",
      "agent-inject-template-ID": '{{- with secret "secret/data/app" -}}{{ .Data.data.password }}{{- end -}}',
      "error-on-missing-key-ID": "true",
    });
  });

  test("env vars that tell the task where files are, in every container", async () => {
    const initContainers = [{ name: "setup", image: "example.com/setup:1" }];
    const { spec } = await admitted(podAsking([PASSWORD], {}, { initContainers }));
    const env = [
      { name: "FLYTE_SECRETS_DEFAULT_DIR", value: "/etc/flyte/secrets" },
      { name: "FLYTE_SECRETS_FILE_PREFIX" },
    ];
    expect(spec?.containers[0]?.env).toEqual(env);
    expect(spec?.initContainers?.[0]?.env).toEqual(env);
  });

  test("no volume, no mount and no container: those come with the agent", async () => {
    const { spec } = await admitted(podAsking([PASSWORD]));
    expect(spec?.volumes).toBeUndefined();
    expect(spec?.initContainers).toBeUndefined();
    expect(spec?.containers[0]?.volumeMounts).toBeUndefined();
  });

  test("env_var holds the path of the file", async () => {
    const { spec } = await admitted(podAsking([{ ...PASSWORD, key: "Password", envVar: "PASSWORD_FILE" }]));
    expect(spec?.containers[0]?.env).toContainEqual({
      name: "PASSWORD_FILE",
      value: "/etc/flyte/secrets/secret/data/app/password",
    });
  });

  test("not that a missing key is an error, when it is configured so", async () => {
    const injectors = [injectorOf({ ...KV2, errorOnMissingKey: false })];
    const annotations = agentAnnotations(await admitted(podAsking([PASSWORD]), { injectors }));
    expect(annotations).toHaveProperty("agent-inject-template-ID");
    expect(annotations).not.toHaveProperty("error-on-missing-key-ID");
  });

  test("no template for an engine without one", async () => {
    const pod = await admitted(podAsking([{ group: "database/creds/app", groupVersion: "db", key: "login" }]));
    const annotations = agentAnnotations(pod);
    expect(annotations["agent-inject-secret-ID"]).toBe("database/creds/app");
    expect(annotations["agent-inject-file-ID"]).toBe("database/creds/app/login");
    expect(annotations).not.toHaveProperty("agent-inject-template-ID");
    expect(annotations).not.toHaveProperty("error-on-missing-key-ID");
  });

  test("the file is lower-cased, where flytekit looks for it, and path and key in Vault are not", async () => {
    const annotations = agentAnnotations(await admitted(podAsking([{ group: "Secret/Data/App", key: "API_KEY" }])));
    expect(annotations["agent-inject-file-ID"]).toBe("secret/data/app/api_key");
    expect(annotations["agent-inject-secret-ID"]).toBe("Secret/Data/App");
    expect(annotations["agent-inject-template-ID"]).toContain('secret "Secret/Data/App"');
    expect(annotations["agent-inject-template-ID"]).toContain(".Data.data.API_KEY");
  });

  test("fileCase: preserve keeps the file as group and key are written, and env_var says so", async () => {
    const injectors = [injectorOf(KV2, { fileCase: "preserve" })];
    const asks = [{ group: "Secret/Data/App/", key: "API_KEY", envVar: "KEY_FILE" }];
    const pod = await admitted(podAsking(asks), { injectors });
    expect(agentAnnotations(pod)["agent-inject-file-ID"]).toBe("Secret/Data/App/API_KEY");
    expect(pod.spec?.containers[0]?.env).toContainEqual({
      name: "KEY_FILE",
      value: "/etc/flyte/secrets/Secret/Data/App/API_KEY",
    });
  });

  test("a slash at the end of the group changes nothing", async () => {
    const [plain, slash] = await Promise.all(
      ["secret/app", "secret/app/"].map((group) => admitted(podAsking([{ group, key: "k" }]))),
    );
    expect(secretIds(slash ?? {})).toEqual(secretIds(plain ?? {}));
    expect(agentAnnotations(slash ?? {})).toEqual(agentAnnotations(plain ?? {}));
  });

  test("a group that is only a mount comes with a warning", async () => {
    const mutation = await admit(podAsking([{ group: "foo", key: "bar" }]));
    expect(mutation).toMatchObject({
      outcome: "changed",
      warnings: ['group "foo" names a mount of Vault, and no secret in it: the agent will fail'],
    });
    expect(await admit(podAsking([PASSWORD]))).toMatchObject({ warnings: [] });
  });
});

describe("several secrets", () => {
  test("each has its id, and the rest is there once", async () => {
    const pod = await admitted(podAsking([PASSWORD, { ...PASSWORD, key: "user" }]));
    expect(secretIds(pod)).toHaveLength(2);
    expect(pod.spec?.containers[0]?.env).toHaveLength(2);
    const files = Object.entries(pod.metadata?.annotations ?? {}).filter(([name]) =>
      name.includes("agent-inject-file-"),
    );
    expect(files.map(([, file]) => file)).toEqual(["secret/data/app/password", "secret/data/app/user"]);
  });

  test("the same secret twice is one", async () => {
    const once = await admitted(podAsking([PASSWORD]));
    const twice = await admitted(podAsking([PASSWORD, { ...PASSWORD, mountRequirement: "FILE" }]));
    expect(agentAnnotations(twice)).toEqual(agentAnnotations(once));
    expect(secretIds(twice)).toEqual(secretIds(once));
  });

  test("an id depends on engine, path and key alone", async () => {
    const other = { group: "secret/other", key: "k" };
    const [first] = secretIds(await admitted(podAsking([PASSWORD, other])));
    const [, second] = secretIds(await admitted(podAsking([other, PASSWORD]), { profile: "flyte-v2" }));
    expect(first).toMatch(/^fs-[0-9a-f]{20}$/);
    expect(second).toBe(first);
    const kv1 = await admitted(podAsking([{ ...PASSWORD, groupVersion: "kv1" }]));
    expect(secretIds(kv1)).not.toContain(first);
  });

  test("a hundred of them fit", async () => {
    const asks = Array.from({ length: 100 }, (_, index) => ({
      group: `secret/data/app-${index % 7}`,
      key: `key-${index}`,
    }));
    expect(secretIds(await admitted(podAsking(asks)))).toHaveLength(100);
  });
});

describe("who wins for an annotation", () => {
  const annotations = {
    "vault.hashicorp.com/role": "platform",
    "vault.hashicorp.com/agent-pre-populate-only": "false",
  };
  const injectors = [injectorOf(KV2, { role: "flyte", annotations })];

  test("the configured annotations before those of the injector", async () => {
    const pod = await admitted(podAsking([PASSWORD]), { injectors });
    expect(agentAnnotations(pod)).toMatchObject({ role: "platform", "agent-pre-populate-only": "false" });
  });

  test("the pod's own before all", async () => {
    const own = { "vault.hashicorp.com/role": "team", "vault.hashicorp.com/namespace": "eng" };
    const pod = await admitted(podAsking([PASSWORD], own), { injectors });
    expect(agentAnnotations(pod)).toMatchObject({ role: "team", namespace: "eng", "agent-pre-populate-only": "false" });
  });
});

describe("what another manager may have", () => {
  const ask = async (fields: SecretAsk, engine = KV2): Promise<string> => {
    const pod = podAsking([]);
    const request = {
      source: "s",
      group: "",
      groupVersion: "",
      key: "",
      mountRequirement: "ANY",
      envVar: "",
      ...fields,
    } as const;
    const injection = await injectorOf(engine).inject(pod, request, contextOf(pod));
    if (injection.outcome !== "skipped") throw new Error(`not skipped but ${injection.outcome}`);
    return injection.reason;
  };

  test("an env var", async () => {
    expect(await ask({ ...PASSWORD, mountRequirement: "ENV_VAR" })).toBe("Vault secrets can only be files");
    const refused = await refusal(podAsking([{ ...PASSWORD, mountRequirement: "ENV_VAR" }]));
    expect(refused).toMatchObject({ code: "E_NOT_INJECTED" });
    expect(refused.fix).toContain("Use FILE or ANY as mount requirement.");
  });

  test("an env var, without a word on how where neither version nor path say that it is Vault's", async () => {
    const refused = await refusal(podAsking([{ group: "db", key: "k", mountRequirement: "ENV_VAR" }]));
    expect(refused.message).toMatch(/Vault secrets can only be files/);
    expect(refused.fix).not.toContain("Use FILE or ANY");
  });

  test("a request without group or key", async () => {
    expect(await ask({ key: "k" })).toBe("the group is missing");
    expect(await ask({ group: "secret/app" })).toBe("the key is missing");
  });

  test("a group that is no path in Vault", async () => {
    expect(await ask({ group: "arn:aws:secretsmanager:us-east-2:123:secret", key: "db" })).toBe(
      'group "arn:aws:secretsmanager:us-east-2:123:secret" is no path in Vault: a colon in the first part makes it a URL',
    );
  });

  test("a path that vault-k8s would put into its own template unquoted", async () => {
    const group = 'database/creds/a" }}{{ range $k, $v := (secret "other/path").Data }}{{ $v }}{{ end }}{{ "';
    expect(await ask({ group, key: "k", groupVersion: "db" }, DB)).toContain('the agent cannot read " and \\ in it');
  });
});

test("a path or key that leads out of the secrets directory is refused", async () => {
  expect(await refusal(podAsking([{ group: "secret/app", key: "../other" }]))).toMatchObject({ code: "E_PATH_UNSAFE" });
});
