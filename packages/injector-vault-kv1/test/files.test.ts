import type { Annotations } from "@pod-secrets/core";
import {
  injectionContext,
  openInjector,
  secretRequest,
  testPod,
  type RequestFields,
} from "@pod-secrets/injector-testkit";
import { expect, test } from "vitest";

import plugin from "../src/index.ts";

/** Annotations that the pod gets for one secret, without the prefix and with `ID` for its id. */
async function annotationsFor(fields: RequestFields, options: unknown = {}): Promise<Annotations> {
  const injector = await openInjector(plugin, options);
  const injection = await injector.inject(testPod(), secretRequest(fields), injectionContext(testPod()));
  if (injection.outcome !== "injected") throw new Error(JSON.stringify(injection));
  const entries = Object.entries(injection.pod.metadata?.annotations ?? {});
  return Object.fromEntries(
    entries.map(([name, value]) => [name.replace("vault.hashicorp.com/", "").replace(/fs-[0-9a-f]{20}$/, "ID"), value]),
  );
}

/** Why a request is passed on. */
async function reasonFor(fields: RequestFields, options: unknown = {}): Promise<string> {
  const injector = await openInjector(plugin, options);
  const injection = await injector.inject(testPod(), secretRequest(fields), injectionContext(testPod()));
  if (injection.outcome !== "skipped") throw new Error(JSON.stringify(injection));
  return injection.reason;
}

test("a key of the secret is the file", async () => {
  expect(await annotationsFor({ group: "secret/app", groupVersion: "kv1", key: "password" })).toMatchObject({
    role: "flyte",
    "agent-inject-secret-ID": "secret/app",
    "agent-inject-file-ID": "secret/app/password",
    "agent-inject-template-ID": '{{- with secret "secret/app" -}}{{ .Data.password }}{{- end -}}',
    "error-on-missing-key-ID": "true",
  });
});

test("a key that is no identifier is quoted, and fails by itself when it is missing", async () => {
  const annotations = await annotationsFor({ group: "secret/app", groupVersion: "kv1", key: "api-key" });
  expect(annotations["agent-inject-template-ID"]).toBe(
    '{{- with secret "secret/app" -}}{{- $value := index .Data "api-key" -}}' +
      '{{- if eq (printf "%T" $value) "<nil>" -}}{{ index "missing key" 99 }}{{- end -}}{{ $value }}{{- end -}}',
  );
  expect(annotations).not.toHaveProperty("error-on-missing-key-ID");
});

test("errorOnMissingKey: false leaves a missing key to the agent, as Flyte does", async () => {
  const fields = { group: "secret/app", groupVersion: "kv1", key: "password" };
  expect(await annotationsFor(fields, { errorOnMissingKey: false })).not.toHaveProperty("error-on-missing-key-ID");
});

test("requests without a group_version are its own only when it is told so", async () => {
  const fields = { group: "secret/app", key: "password" };
  expect(await reasonFor(fields)).toBe("group_version is missing");
  expect(await annotationsFor(fields, { unversioned: true })).toHaveProperty("agent-inject-secret-ID");
});

test("there are no versions: a path with one would be read without it", async () => {
  const reason = await reasonFor({ group: "secret/app?version=3", groupVersion: "kv1", key: "password" });
  expect(reason).toBe('group "secret/app?version=3" is no path in Vault: a ? ends a path');
});
