/**
 * What the tests of this repository take the Vault Agent Injector for (`withVaultAgent` of the testkit), held against
 * the real one.
 */
import { beforeAll, describe, expect, test } from "vitest";

import type { Annotations, Container, Pod } from "../../packages/core/src/index.ts";
import {
  secretRequests,
  testContainer,
  testPod,
  withRequests,
  withVaultAgent,
} from "../../packages/injector-testkit/src/index.ts";
import { admitted, composedOf } from "../../apps/webhook/test/managers/composed.ts";
import { needing } from "../cluster/src/index.ts";
import { agentConfig } from "../servers/vault/agent.ts";
import { BUILD_PATIENCE, vaultPrograms, vaultSupport, type VaultPrograms } from "../servers/vault/build.ts";
import { withRealVaultAgent } from "../servers/vault/injector.ts";
import { VAULT_MANAGERS } from "./rig/vault-pods.ts";

const ADDRESS = "http://vault.vault.svc:8200";
const PREFIX = "vault.hashicorp.com/";
const INIT = { initContainers: [testContainer({ name: "setup" })] };
const REQUESTS = [
  { group: "secret/data/app", key: "password" },
  { group: "secret/data/app", key: "api-key" },
  { group: "secret/app", groupVersion: "kv1", key: "token" },
  { group: "database/creds/app", groupVersion: "db", key: "login" },
];

/** By what they are for: annotations of the pod's own. */
const ANNOTATIONS: Readonly<Record<string, Annotations>> = {
  "an init container alone": {},
  "an agent beside the task": { "agent-pre-populate-only": "false" },
  "an agent before all others": { "agent-init-first": "true" },
  "a secret of the pod's own, elsewhere": {
    "agent-inject-secret-own": "secret/data/own",
    "secret-volume-path-own": "/own",
  },
};

describe("the real Vault Agent Injector", needing(vaultSupport()), () => {
  let programs: VaultPrograms;
  let admit: (pod: Pod) => Promise<Pod>;

  beforeAll(async () => {
    programs = await vaultPrograms();
    const { settings } = await composedOf(VAULT_MANAGERS);
    admit = async (pod) => {
      const mutation = await admitted(pod, settings);
      if (mutation.outcome !== "changed") throw new Error(mutation.outcome);
      return mutation.pod;
    };
  }, BUILD_PATIENCE);

  function asking(annotations: Annotations): Pod {
    const own = Object.entries(annotations).map(([name, value]) => [PREFIX + name, value]);
    return withRequests(testPod(INIT, { annotations: Object.fromEntries(own) }), secretRequests(REQUESTS));
  }

  test.each(Object.entries(ANNOTATIONS))("makes of a pod what the tests believe: %s", async (_, annotations) => {
    const pod = await admit(asking(annotations));
    expect(outline(await withRealVaultAgent(programs, pod, ADDRESS))).toEqual(outline(withVaultAgent(pod)));
  });

  test("passes by a pod that does not ask for it, and one that it has changed", async () => {
    const plain = testPod(INIT);
    expect(outline(await withRealVaultAgent(programs, plain, ADDRESS))).toEqual(outline(plain));
    const once = await withRealVaultAgent(programs, await admit(asking({})), ADDRESS);
    expect(outline(await withRealVaultAgent(programs, once, ADDRESS))).toEqual(outline(once));
  });

  test("tells its agent of each secret: text, file, and whether a missing key is an error", async () => {
    const pod = await withRealVaultAgent(programs, await admit(asking({})), ADDRESS);
    const byFile = agentConfig(pod).template.toSorted((a, b) => (a.destination < b.destination ? -1 : 1));
    expect(byFile).toMatchObject([
      {
        destination: "/etc/flyte/secrets/database/creds/app/login",
        contents:
          '{{ with secret "database/creds/app" }}{{ range $k, $v := .Data }}{{ $k }}: {{ $v }}\n{{ end }}{{ end }}',
      },
      { destination: "/etc/flyte/secrets/secret/app/token", error_on_missing_key: true },
      { destination: "/etc/flyte/secrets/secret/data/app/api-key", contents: expect.stringContaining("missing key") },
      { destination: "/etc/flyte/secrets/secret/data/app/password", error_on_missing_key: true },
    ]);
  });
});

/** What another webhook sees of a pod, but for the agent's own configuration and the API server's own mount. */
function outline({ metadata, spec }: Pod): unknown {
  const isOurs = (name: string): boolean => !name.startsWith("kube-api-access-");
  const mounts = ({ name, volumeMounts = [] }: Container): unknown => ({
    name,
    mounts: volumeMounts.filter((mount) => isOurs(mount.name)).map((mount) => `${mount.name} ${mount.mountPath}`),
  });
  return {
    annotations: metadata?.annotations,
    initContainers: (spec?.initContainers ?? []).map(mounts),
    containers: (spec?.containers ?? []).map(mounts),
    volumes: (spec?.volumes ?? [])
      .map(({ name }) => name)
      .filter(isOurs)
      .toSorted(),
  };
}
