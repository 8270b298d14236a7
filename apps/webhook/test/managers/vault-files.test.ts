/** What the managers of Vault ask the agent for, and what they leave to others. */
import type { Annotations, Injection, InjectorPlugin } from "@pod-secrets/core";
import vaultDb from "@pod-secrets/injector-vault-db";
import vaultKv1 from "@pod-secrets/injector-vault-kv1";
import vaultKv2 from "@pod-secrets/injector-vault-kv2";
import {
  injectionContext,
  openInjector,
  secretRequest,
  testPod,
  type RequestFields,
} from "@pod-secrets/injector-testkit";
import { describe, expect, test } from "vitest";

async function injectionOf(plugin: InjectorPlugin, fields: RequestFields, options: unknown): Promise<Injection> {
  const injector = await openInjector(plugin, options);
  return injector.inject(testPod(), secretRequest(fields), injectionContext(testPod()));
}

/** Annotations that the pod gets for one secret, without the prefix and with `ID` for its id. */
async function annotationsFor(
  plugin: InjectorPlugin,
  fields: RequestFields,
  options: unknown = {},
): Promise<Annotations> {
  const injection = await injectionOf(plugin, fields, options);
  if (injection.outcome !== "injected") throw new Error(JSON.stringify(injection));
  const entries = Object.entries(injection.pod.metadata?.annotations ?? {});
  return Object.fromEntries(
    entries.map(([name, value]) => [name.replace("vault.hashicorp.com/", "").replace(/fs-[0-9a-f]{20}$/, "ID"), value]),
  );
}

/** Why a request is passed on. */
async function reasonFor(plugin: InjectorPlugin, fields: RequestFields, options: unknown = {}): Promise<string> {
  const injection = await injectionOf(plugin, fields, options);
  if (injection.outcome !== "skipped") throw new Error(JSON.stringify(injection));
  return injection.reason;
}

describe.each([
  { plugin: vaultKv1, groupVersion: "kv1", data: ".Data" },
  { plugin: vaultKv2, groupVersion: "kv2", data: ".Data.data" },
])("$plugin.name", ({ plugin, groupVersion, data }) => {
  const password = { group: "secret/app", groupVersion, key: "password" };

  test("a key of the secret is the file", async () => {
    expect(await annotationsFor(plugin, password)).toMatchObject({
      role: "flyte",
      "agent-inject-secret-ID": "secret/app",
      "agent-inject-file-ID": "secret/app/password",
      "agent-inject-template-ID": `{{- with secret "secret/app" -}}{{ ${data}.password }}{{- end -}}`,
      "error-on-missing-key-ID": "true",
    });
  });

  test("a key that is no identifier is quoted, and fails by itself when it is missing", async () => {
    const annotations = await annotationsFor(plugin, { ...password, key: "api-key" });
    expect(annotations["agent-inject-template-ID"]).toBe(
      `{{- with secret "secret/app" -}}{{- $value := index ${data} "api-key" -}}` +
        '{{- if eq (printf "%T" $value) "<nil>" -}}{{ index "missing key" 99 }}{{- end -}}{{ $value }}{{- end -}}',
    );
    expect(annotations).not.toHaveProperty("error-on-missing-key-ID");
  });

  test("errorOnMissingKey: false leaves a missing key to the agent, as Flyte does", async () => {
    const annotations = await annotationsFor(plugin, password, { errorOnMissingKey: false });
    expect(annotations).not.toHaveProperty("error-on-missing-key-ID");
  });

  test("errorOnNull: true gives every key the template that fails by itself", async () => {
    const annotations = await annotationsFor(plugin, password, { errorOnNull: true });
    expect(annotations["agent-inject-template-ID"]).toContain(`{{- $value := index ${data} "password" -}}`);
    expect(annotations).not.toHaveProperty("error-on-missing-key-ID");
  });

  test("requests without a group_version are its own or not, as it is told", async () => {
    const unversioned = { ...password, groupVersion: "" };
    expect(await annotationsFor(plugin, unversioned, { unversioned: true })).toHaveProperty("agent-inject-secret-ID");
    expect(await reasonFor(plugin, unversioned, { unversioned: false })).toBe("group_version is missing");
  });
});

describe("versions of a secret", () => {
  test("vault-kv1 has none: a path with one would be read without it", async () => {
    const reason = await reasonFor(vaultKv1, { group: "secret/app?version=3", groupVersion: "kv1", key: "password" });
    expect(reason).toBe('group "secret/app?version=3" is no path in Vault: a ? ends a path');
  });

  test("vault-kv2 has older ones as part of the path", async () => {
    const annotations = await annotationsFor(vaultKv2, { group: "secret/app?version=3", key: "password" });
    expect(annotations).toMatchObject({
      "agent-inject-secret-ID": "secret/app?version=3",
      "agent-inject-file-ID": "secret/app?version=3/password",
    });
    expect(annotations["agent-inject-template-ID"]).toContain('with secret "secret/app?version=3"');
  });

  test.each(["secret/app?version=", "secret/app?version=latest", "secret/app?version=1&x=y", "secret/app?list=true"])(
    "vault-kv2 passes %s on: Vault would read another one",
    async (group) => {
      expect(await reasonFor(vaultKv2, { group, key: "password" })).toContain("what follows the ? is not understood");
    },
  );
});

describe("vault-db", () => {
  const login = { group: "database/creds/app", groupVersion: "db", key: "Login" };

  test("the whole answer of Vault is the file, in the format that vault-k8s has for it", async () => {
    expect(await annotationsFor(vaultDb, login)).toEqual({
      "agent-inject": "true",
      "secret-volume-path": "/etc/flyte/secrets",
      role: "flyte",
      "agent-pre-populate-only": "true",
      "agent-inject-secret-ID": "database/creds/app",
      "agent-inject-file-ID": "database/creds/app/login",
    });
  });

  test("the format can be chosen for all pods", async () => {
    const annotations = { "vault.hashicorp.com/agent-inject-default-template": "json" };
    expect(await annotationsFor(vaultDb, { ...login, key: "login.json" }, { annotations })).toMatchObject({
      "agent-inject-default-template": "json",
    });
  });

  test("two files of one role have one path, and so user name and password of one lease", async () => {
    const files = await Promise.all(["a", "b"].map((key) => annotationsFor(vaultDb, { ...login, key })));
    expect(files.map((annotations) => annotations["agent-inject-secret-ID"])).toEqual([login.group, login.group]);
  });

  test("requests without a group_version are never its own", async () => {
    expect(await reasonFor(vaultDb, { ...login, groupVersion: "" })).toBe("group_version is missing");
  });

  test("parameters of the role are part of the path", async () => {
    const group = "aws/sts/app?ttl=1h&role_session_name=a.b";
    expect(await annotationsFor(vaultDb, { ...login, group })).toMatchObject({ "agent-inject-secret-ID": group });
  });

  test.each(['database/creds/"app', "database/creds/app\\", 'aws/sts/app?ttl="', "aws/sts/app?ttl=1h {{ . }}"])(
    "%s is passed on: vault-k8s would not quote it",
    async (group) => {
      expect(await reasonFor(vaultDb, { ...login, group })).toContain("is no path in Vault");
    },
  );
});
