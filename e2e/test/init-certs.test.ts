/** `pod-secrets init-certs` against a real API server, with no more rights than the chart gives. */
import { X509Certificate } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { builtCommand, runBuilt } from "../../apps/webhook/test/cli/built-command.ts";
import type { Finished } from "../../apps/webhook/test/cli/running.ts";
import { startControlPlane, type ControlPlane } from "../cluster/src/index.ts";
import { apiClient, type ApiClient } from "./rig/api-client.ts";
import { certificateSecret, type CertificateSecret } from "./rig/certificate-secret.ts";
import { createNamespace } from "./rig/namespace.ts";

const NAMESPACE = "flyte";
const SECRET = "flyte-pod-webhook";
const USER = "webhook";

const command = builtCommand();
let folder = "";
let cluster: ControlPlane;
let api: ApiClient;
let secret: CertificateSecret;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "init-certs-"));
  cluster = await startControlPlane();
  api = await apiClient(cluster);
  secret = certificateSecret(api, NAMESPACE);
  await createNamespace(api, NAMESPACE);
  await allow(["get", "list", "watch", "update", "patch", "delete"]);
  await configure("config.yaml", USER, cluster.server);
  await configure("stranger.yaml", "stranger", cluster.server);
  await configure("nobody-there.yaml", USER, "https://127.0.0.1:1");
});

afterAll(async () => {
  api?.[Symbol.dispose]();
  await cluster?.stop();
  rmSync(folder, { recursive: true });
});

beforeEach(() => secret.remove());

/** As the chart's Role. */
async function allow(verbs: readonly string[]): Promise<void> {
  const rbac = `/apis/rbac.authorization.k8s.io/v1/namespaces/${NAMESPACE}`;
  const secrets = { apiGroups: [""], resources: ["secrets"] };
  await api.send("POST", `${rbac}/roles`, {
    metadata: { name: USER },
    rules: [
      { ...secrets, resourceNames: [SECRET], verbs },
      { ...secrets, verbs: ["create"] },
    ],
  });
  await api.send("POST", `${rbac}/rolebindings`, {
    metadata: { name: USER },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: USER },
    subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "User", name: USER }],
  });
}

async function configure(file: string, user: string, server: string): Promise<void> {
  const kubeconfig = join(folder, `${file}.kubeconfig`);
  writeFileSync(kubeconfig, (await cluster.kubeconfigFor({ user })).replace(cluster.server, server));
  writeFileSync(join(folder, file), JSON.stringify({ kubernetes: { kubeconfig, namespace: NAMESPACE } }));
}

function initCerts(file = "config.yaml", ...flags: readonly string[]): Promise<Finished> {
  return runBuilt(command().program, ["init-certs", "--config", join(folder, file), ...flags]);
}

describe("init-certs", () => {
  test("makes the Secret, then keeps it", async () => {
    expect(await initCerts()).toMatchObject({
      exit: 0,
      stdout: "",
      stderr: expect.stringMatching(
        /^Secret flyte\/flyte-pod-webhook: made, for flyte-pod-webhook, \S+\.flyte, \S+\.svc, valid until 20\S+Z: there was none\n$/,
      ),
    });
    const { text, object } = await secret.read();
    const leaf = new X509Certificate(text("tls.crt"));
    expect(leaf.checkHost("flyte-pod-webhook.flyte.svc")).toBe("flyte-pod-webhook.flyte.svc");
    expect(await initCerts()).toMatchObject({
      exit: 0,
      stderr: expect.stringContaining(": kept, for flyte-pod-webhook, "),
    });
    expect((await secret.read()).object.metadata.resourceVersion).toBe(object.metadata.resourceVersion);
  });

  test("keeps Flyte's, and replaces it by force, with the same metadata and its CA beside the new one", async () => {
    const flyte = await secret.putFlyte({ annotations: { "meta.helm.sh/release-name": "flyte" } });
    expect(await initCerts()).toMatchObject({
      exit: 0,
      stderr: expect.stringMatching(/: kept, for .*, valid until 21/),
    });
    expect(await initCerts("config.yaml", "--force")).toMatchObject({ exit: 0 });
    const { object, cas } = await secret.read();
    expect(object.metadata.annotations).toEqual({ "meta.helm.sh/release-name": "flyte" });
    expect(object.immutable).toBeUndefined();
    expect(cas).toHaveLength(2);
    expect(cas[1]).toBe(new X509Certificate(flyte.ca).toString());
  });

  test("makes one, however many run at once, on a Secret that Flyte's chart has left empty", async () => {
    await api.send("POST", `/api/v1/namespaces/${NAMESPACE}/secrets`, { metadata: { name: SECRET }, type: "Opaque" });
    const all = await Promise.all(Array.from({ length: 6 }, () => initCerts()));
    expect(all.map(({ exit }) => exit)).toEqual([0, 0, 0, 0, 0, 0]);
    expect(all.filter(({ stderr }) => stderr.includes(": made, "))).toHaveLength(1);
    expect(all.filter(({ stderr }) => stderr.includes(": kept, "))).toHaveLength(5);
  });

  test("without the right to, ends with 7 and says what is needed", async () => {
    expect(await initCerts("stranger.yaml")).toMatchObject({
      exit: 7,
      stderr: expect.stringMatching(
        /^pod-secrets: E_KUBERNETES_FORBIDDEN: reading and writing Secret "flyte\/flyte-pod-webhook" failed: user "stranger" may not get secrets "flyte-pod-webhook" in namespace "flyte": HTTP 403 Forbidden\. Fix: Allow this user to get, list, watch, update and delete the Secret flyte-pod-webhook, and to create Secrets, in namespace flyte\.\n$/,
      ),
    });
  });

  test("in a namespace that is not there, ends with 8 and says so", async () => {
    const file = join(folder, "elsewhere.yaml");
    writeFileSync(file, JSON.stringify({ kubernetes: { kubeconfig: cluster.kubeconfig } }));
    const { exit, stderr } = await initCerts("elsewhere.yaml", "--namespace", "nowhere");
    expect(exit).toBe(8);
    expect(stderr).toMatch(
      /E_KUBERNETES: reading and writing Secret "nowhere\/flyte-pod-webhook" failed: namespace "nowhere" does not exist: HTTP 404 NotFound\. Fix: Create namespace nowhere, /,
    );
  });

  test("without an API server, says what it waits for, and ends with 6 after half a minute", async () => {
    const begun = performance.now();
    expect(await initCerts("nobody-there.yaml")).toMatchObject({
      exit: 6,
      stderr: expect.stringMatching(
        /^API server https:\/\/127\.0\.0\.1:1 does not answer \(ECONNREFUSED\); waiting for it, 30 s at most\npod-secrets: E_KUBERNETES_UNREACHABLE: .*\n$/,
      ),
    });
    expect(performance.now() - begun).toBeGreaterThan(30_000);
  });
});
