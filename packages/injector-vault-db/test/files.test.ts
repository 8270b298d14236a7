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

test("the whole answer of Vault is the file, in the format that vault-k8s has for it", async () => {
  const fields = { group: "database/creds/app", groupVersion: "db", key: "Login" };
  expect(await annotationsFor(fields)).toEqual({
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
  const fields = { group: "database/creds/app", groupVersion: "db", key: "login.json" };
  expect(await annotationsFor(fields, { annotations })).toMatchObject({ "agent-inject-default-template": "json" });
});

test("two files of one role have one path, and so user name and password of one lease", async () => {
  const paths = await Promise.all(
    ["a", "b"].map(async (key) => annotationsFor({ group: "database/creds/app", groupVersion: "db", key })),
  );
  expect(new Set(paths.map((annotations) => annotations["agent-inject-secret-ID"]))).toEqual(
    new Set(["database/creds/app"]),
  );
});

test("requests without a group_version are never its own", async () => {
  expect(await reasonFor({ group: "database/creds/app", key: "login" })).toBe("group_version is missing");
});

test("parameters of the role are part of the path", async () => {
  const fields = { group: "aws/sts/app?ttl=1h&role_session_name=a.b", groupVersion: "db", key: "login" };
  expect(await annotationsFor(fields)).toMatchObject({ "agent-inject-secret-ID": fields.group });
});

test.each(['database/creds/"app', "database/creds/app\\", 'aws/sts/app?ttl="', "aws/sts/app?ttl=1h {{ . }}"])(
  "%s is passed on: vault-k8s would not quote it",
  async (group) => {
    expect(await reasonFor({ group, groupVersion: "db", key: "login" })).toContain("is no path in Vault");
  },
);
