/**
 * Flyte's golden pods through a real API server: each comes back as the same API server would have kept Flyte's own
 * result. The webhook is the built command, configured by Flyte's own YAML.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { decodeRequests, type Pod } from "../../packages/core/src/index.ts";
import { withRequests } from "../../packages/injector-testkit/src/index.ts";
import {
  fillPlaceholders,
  managersOf,
  requestsOf,
  type MutationVector,
  type VectorFile,
} from "../../packages/injector-testkit/src/vectors.ts";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";

import { admitted, composedFrom } from "../../apps/webhook/test/managers/composed.ts";
import { builtCommand } from "../../apps/webhook/test/cli/built-command.ts";
import { startWebhook } from "../../scripts/start/webhook-process.ts";
import { startControlPlane, type ControlPlane } from "../cluster/src/index.ts";
import { apiClient, type ApiAnswer, type ApiClient, type Status } from "./rig/api-client.ts";
import { createNamespace } from "./rig/namespace.ts";
import { register, unregister } from "./rig/registration.ts";

const root = join(import.meta.dirname, "../..");
const file = JSON.parse(readFileSync(join(root, "packages/core/test/vectors/mutations.json"), "utf8")) as VectorFile;
const compatibility = readFileSync(join(root, "docs/compatibility.md"), "utf8");

/** Vectors where we do something else on purpose, or that show a manager that is not there. */
const named = new Set(compatibility.match(/`v[12]-[a-z0-9-]+`/g)?.map((name) => name.slice(1, -1)));
const MANAGERS: ReadonlySet<string> = new Set(["Global", "K8s", "AWS", "GCP", "Azure", "Vault"]);

const NAMESPACES = { with: "with-webhook", without: "without-webhook" };

const vectors = file.vectors.filter(
  (vector) => managersOf(vector).every((manager) => MANAGERS.has(manager)) && requestsOf(vector) !== undefined,
);

/** Ids of the vectors whose pods both came back. */
const compared: string[] = [];
let tried = 0;
const command = builtCommand();
let configFile = "";
let cluster: ControlPlane;
let api: ApiClient;

beforeAll(async () => {
  cluster = await startControlPlane();
  api = await apiClient(cluster);
  for (const name of Object.values(NAMESPACES)) await createNamespace(api, name);
});

afterAll(async () => {
  // Of the whole file: two of five vectors and more are pods of Flyte that the API server takes.
  const isWhole = tried === vectors.length;
  if (isWhole && compared.length < 0.4 * tried) throw new Error(`only ${compared.length} of ${tried} were compared`);
  api?.[Symbol.dispose]();
  await cluster?.stop();
});

describe.each([...Map.groupBy(vectors, (vector) => JSON.stringify([vector.flyte, vector.config]))])(
  "%s",
  (_key, group) => {
    beforeAll(async () => {
      const folder = mkdtempSync(join(tmpdir(), "golden-vectors-"));
      const [first] = group;
      if (first === undefined) throw new Error("an empty group");
      const caFile = join(folder, "ca.crt");
      configFile = writeFlyteConfig(folder, first);
      const environment = Object.entries(first.config.webhook_process_env ?? {}).map(([name, value]) => [
        name,
        value ?? "",
      ]);
      // For the same webhook offline.
      for (const [name, value] of environment) vi.stubEnv(name ?? "", value);
      const webhook = await startWebhook({
        program: command().program,
        config: configFile,
        caFile,
        environment: Object.fromEntries(environment),
      });
      await register(api, "golden", { url: webhook.url, caFile, namespace: NAMESPACES.with });
      return async () => {
        await unregister(api, "golden", NAMESPACES.with);
        await webhook.stop();
        vi.unstubAllEnvs();
        rmSync(folder, { recursive: true });
      };
    });

    test.each(group.map((vector) => [vector.id, vector] as const))("%s", async (id, vector) => {
      tried += 1;
      const pod = completed(labelled(vector.pod_in as Pod, vector));
      const ours = await api.createPod<Pod & Status>(NAMESPACES.with, pod);
      if (vector.pod_out === undefined || named.has(id)) {
        // What we do instead is held by the tests that docs/compatibility.md names; here it has to work in a cluster.
        await expectAsOffline(pod, ours);
        return;
      }
      const flytes = completed(
        fillPlaceholders(labelled(vector.pod_out as Pod, vector), withoutOurAddition(ours.body)),
      );
      const kept = await api.createPod<Pod & Status>(NAMESPACES.without, flytes);
      if (kept.status === 201) {
        expect(ours).toMatchObject({ status: 201 });
        compared.push(id);
        expect(comparable(withoutOurAddition(ours.body))).toEqual(comparable(kept.body));
      } else {
        // The API server takes neither Flyte's pod nor ours.
        expect(ours.status).not.toBe(201);
      }
    });
  },
);

/** What the command says without a cluster is what becomes of the pod in one. */
async function expectAsOffline(pod: Pod, ours: ApiAnswer<Pod & Status>): Promise<void> {
  const composition = await composedFrom(configFile);
  const mutation = await admitted(pod, composition.settings);
  await composition.dispose();
  if (mutation.outcome === "refused") {
    expect(ours.body.message).toContain(mutation.message);
    return;
  }
  const kept = await api.createPod<Pod & Status>(NAMESPACES.without, mutation.pod);
  expect(ours.status).toBe(kept.status);
  if (kept.status === 201) expect(comparable(ours.body)).toEqual(comparable(kept.body));
}

function writeFlyteConfig(folder: string, { flyte, config }: MutationVector): string {
  const { secretManagerType, secretManagerTypes, manager, vaultSecretManager, secretEnvVarPrefix } = config;
  const types = secretManagerTypes ?? (flyte === "v2" ? [manager ?? "K8s"] : undefined);
  const secrets = join(folder, "secrets");
  for (const [name, value] of Object.entries(config.webhook_files_under_secrets_prefix ?? {})) {
    mkdirSync(dirname(join(secrets, name)), { recursive: true });
    writeFileSync(join(secrets, name), value ?? "");
  }
  const webhook = {
    ...(types === undefined ? { secretManagerType: secretManagerType ?? manager } : { secretManagerTypes: types }),
    ...(vaultSecretManager === undefined ? {} : { vaultSecretManager }),
    ...(secretEnvVarPrefix === undefined ? {} : { secretEnvVarPrefix }),
    // Only v2 has it, and so it tells which Flyte wrote the file.
    ...(flyte === "v2" ? { cacheInvalidationPort: 0 } : {}),
  };
  const path = join(folder, "flyte.yaml");
  writeFileSync(path, JSON.stringify({ webhook, secrets: { "secrets-prefix": secrets } }));
  return path;
}

/** With the label and the annotations of its requests, as propeller writes them. */
function labelled(pod: Pod, vector: MutationVector): Pod {
  const requests =
    vector.secrets.length === 0
      ? decodeRequests((vector.pod_in as Pod).metadata?.annotations)
      : (requestsOf(vector) ?? []);
  return withRequests(pod, requests);
}

/** With what an API server asks of every pod, and the vectors leave out. */
function completed(pod: Pod): Pod {
  const withImage = <Container extends { readonly image?: string }>(container: Container): Container => ({
    image: "registry.example.com/task:1",
    ...container,
  });
  const { initContainers, containers = [] } = pod.spec ?? {};
  return {
    ...pod,
    apiVersion: "v1",
    kind: "Pod",
    metadata: { ...pod.metadata, name: "task" },
    spec: {
      ...pod.spec,
      containers: containers.map(withImage),
      ...(initContainers === undefined ? {} : { initContainers: initContainers.map(withImage) }),
    },
  };
}

/** `error-on-missing-key` is our addition (row 39 of docs/compatibility.md). */
function withoutOurAddition(pod: Pod): Pod {
  const annotations = Object.entries(pod.metadata?.annotations ?? {}).filter(
    ([name]) => !name.startsWith("vault.hashicorp.com/error-on-missing-key-fs-"),
  );
  return { ...pod, metadata: { ...pod.metadata, annotations: Object.fromEntries(annotations) } };
}

/** What of a pod is the same whenever and wherever it is made. */
function comparable(pod: Pod): unknown {
  const { annotations, labels } = pod.metadata ?? {};
  // The API server's own volume has a random name, and stands where it found the list.
  const text = JSON.stringify({ annotations, labels, spec: pod.spec }).replaceAll(
    /kube-api-access-[a-z0-9]{5}/g,
    "token",
  );
  const sorted = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(sorted);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, part]) => [
        key,
        (key === "volumes" || key === "volumeMounts") && Array.isArray(part)
          ? part.map(sorted).toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
          : sorted(part),
      ]),
    );
  };
  return sorted(JSON.parse(text));
}
