/** `serve`, `unregister` and `manifest` as they are shipped, with a real API server that calls what registered itself. */
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { mutatingConfigurationPath } from "../../apps/webhook/src/kubernetes/api-paths.ts";
import { builtCommand, runBuilt } from "../../apps/webhook/test/cli/built-command.ts";
import { apiClient, type ApiClient } from "./rig/api-client.ts";
import { createGate } from "./rig/gate.ts";
import { missingSecret, taskPod } from "./rig/pods.ts";
import { ours, registrationRig, REPAIRED, until } from "./rig/registrations.ts";
import { installLocally, startServe, type LocalInstallation, type RunningServe } from "./rig/serving.ts";

const command = builtCommand();
const rig = registrationRig();
let api: ApiClient;

beforeAll(async () => {
  api = await apiClient(rig().cluster);
});
afterAll(() => api?.[Symbol.dispose]());

function install(section: object = {}, kubeconfig = rig().cluster.kubeconfig): Promise<LocalInstallation> {
  return installLocally({ folder: rig().folder, kubeconfig, name: rig().freshName(), section });
}

function serve({ config }: LocalInstallation, ...flags: readonly string[]): Promise<RunningServe> {
  return startServe(command().program, ["--config", config, ...flags]);
}

async function isReady(serving: RunningServe): Promise<boolean> {
  return (await serving.operations("/readyz")).startsWith("ready\n");
}

/** What becomes of a pod that asks for a secret. */
async function created(): Promise<"with its secret" | "without" | number> {
  const { status, body } = await api.createPod("default", taskPod());
  if (status !== 201) return status;
  return missingSecret(body) === undefined ? "with its secret" : "without";
}

describe("serve", () => {
  test("registers itself, and then gives pods their secrets", async () => {
    const serving = await serve(await install());
    await until(() => isReady(serving));
    await until(async () => (await created()) === "with its secret");
    // The line comes through a pipe, a little later than the pod.
    await until(async () => serving.logged("registered").length > 0);
    expect(serving.logged("registered")).toHaveLength(1);
    expect(await serving.operations("/metrics")).toContain("pod_secrets_registration_held 1\n");
    serving.signal("SIGTERM");
    expect(await serving.exit).toBe(0);
  });
  test("with a new certificate of another CA in its files fails no pod", async () => {
    const installation = await install();
    const serving = await serve(installation);
    await until(async () => (await created()) === "with its secret");
    const outcomes = new Set<string | number>();
    const begun = performance.now();
    await Promise.all([
      installation.renew(),
      until(async () => {
        outcomes.add(await created());
        return serving.logged("certificate reloaded").length > 0 && performance.now() - begun > 3000;
      }),
    ]);
    expect([...outcomes]).toEqual(["with its secret"]);
  });
  test("with a certificate for another name than that of its Service is not ready, and registers when it fits", async () => {
    const installation = await install({ url: undefined, service: { name: "webhook" } });
    const serving = await serve(installation);
    const problem =
      /tls\.crt" is not for "webhook\.flyte\.svc", .* but for "localhost", .*"flyte-pod-webhook\.flyte\.svc"/;
    await until(async () => problem.test(await serving.operations("/readyz")));
    const told = new RegExp(
      `^E_CERTIFICATE: .*${problem.source}; nothing is registered\\. Fix: Issue it for the name \\S+`,
    );
    await until(async () => serving.lines().some(({ message }) => told.test(String(message))));
    await sleep(2000);
    await expect(rig().read(installation.registration)).rejects.toMatchObject({ failure: "not-found" });
    await installation.renew(["webhook.flyte.svc"]);
    await until(
      async () => ours(await rig().read(installation.registration))?.clientConfig.service?.name === "webhook",
    );
    await until(() => isReady(serving));
    const { resourceVersion } = (await rig().read(installation.registration)).metadata;
    await installation.renew(["other.flyte.svc"]);
    const left = /^E_CERTIFICATE: .*but for "other\.flyte\.svc"; the last good one stays\. Fix: /;
    await until(async () => serving.lines().some(({ message }) => left.test(String(message))));
    await sleep(2000);
    expect((await rig().read(installation.registration)).metadata.resourceVersion).toBe(resourceVersion);
    expect(await isReady(serving)).toBe(true);
  });
  test("puts nothing back while it drains: what is removed then may be the end of the installation", async () => {
    const installation = await install();
    const settings = JSON.parse(readFileSync(installation.config, "utf8")) as { server: object };
    writeFileSync(
      installation.config,
      JSON.stringify({ ...settings, server: { ...settings.server, drainSeconds: 4 } }),
    );
    const serving = await serve(installation);
    await until(() => isReady(serving));
    serving.signal("SIGTERM");
    await until(async () => (await serving.operations("/readyz")).includes("draining"));
    await rig().client.remove(mutatingConfigurationPath(installation.registration));
    expect(await serving.exit).toBe(0);
    await expect(rig().read(installation.registration)).rejects.toMatchObject({ failure: "not-found" });
  });
  test("registers nothing with --no-register", async () => {
    const installation = await install();
    const serving = await serve(installation, "--no-register");
    await until(() => isReady(serving));
    expect(await serving.operations("/metrics")).not.toMatch(/^pod_secrets_registration_held /m);
    await expect(rig().read(installation.registration)).rejects.toMatchObject({ failure: "not-found" });
  });
  test("without an API server serves on, is not ready, and registers when it comes", async () => {
    const gate = await createGate(Number(new URL(rig().cluster.server).port));
    const kubeconfig = join(rig().folder, "gate.kubeconfig");
    const text = readFileSync(rig().cluster.kubeconfig, "utf8");
    writeFileSync(kubeconfig, text.replaceAll(rig().cluster.server, `https://127.0.0.1:${gate.port}`));
    const serving = await serve(await install({}, kubeconfig));
    await sleep(3000);
    expect(await serving.operations("/readyz")).toMatch(
      /\[-\] registration: watching the registration failed: \S+ \S+: ECONNREFUSED/,
    );
    await gate.open();
    expect(await until(() => isReady(serving))).toBeLessThan(REPAIRED + 500);
  });
});

describe("what keeps serve from registering is one line with a fix, and an exit code of its own", () => {
  const expectEnd = async (serving: RunningServe, code: number, line: RegExp): Promise<void> => {
    expect(await serving.exit).toBe(code);
    const lines = (await serving.stderr).trimEnd().split("\n");
    expect(lines).toEqual([expect.stringMatching(line)]);
    expect(lines[0]).toMatch(/\. Fix: \S.*\.$/);
  };
  test("no kubeconfig: 5", async () => {
    await expectEnd(
      await serve(await install({}, "/no/such/file")),
      5,
      /^pod-secrets: E_KUBECONFIG: "\/no\/such\/file" cannot be read/,
    );
  });
  test("credentials that the API server does not know: 5", async () => {
    const kubeconfig = join(rig().folder, "stranger.kubeconfig");
    const { caCertificate, server } = rig().cluster;
    const cluster = { server, "certificate-authority-data": Buffer.from(caCertificate).toString("base64") };
    writeFileSync(
      kubeconfig,
      JSON.stringify({
        clusters: [{ name: "c", cluster }],
        users: [{ name: "u", user: { token: "canary-71f0" } }],
        contexts: [{ name: "x", context: { cluster: "c", user: "u" } }],
        "current-context": "x",
      }),
    );
    const serving = await serve(await install({}, kubeconfig));
    await expectEnd(
      serving,
      5,
      /^pod-secrets: E_KUBECONFIG: watching the registration failed: .*HTTP 401 Unauthorized/,
    );
    expect(await serving.stderr).not.toContain("canary");
  });
  test("no permission: 7", async () => {
    const kubeconfig = join(rig().folder, "alice.kubeconfig");
    writeFileSync(kubeconfig, await rig().cluster.kubeconfigFor({ user: "alice" }));
    await expectEnd(
      await serve(await install({}, kubeconfig)),
      7,
      /^pod-secrets: E_KUBERNETES_FORBIDDEN: watching the registration failed: user "alice" may not list .*HTTP 403 Forbidden; missing in all: get, list, watch, patch mutatingwebhookconfigurations "[^"]+"; create mutatingwebhookconfigurations\. Fix: Grant all of these/,
    );
  });
  test("no permission for the Secret of the certificate either: all of them are named at once", async () => {
    const kubeconfig = join(rig().folder, "bob.kubeconfig");
    writeFileSync(kubeconfig, await rig().cluster.kubeconfigFor({ user: "bob" }));
    const installation = await install({ owner: { kind: "ClusterRole", name: "own" } }, kubeconfig);
    const settings = JSON.parse(readFileSync(installation.config, "utf8")) as { readonly server: object };
    const server = { ...settings.server, certificates: { secret: "tls" } };
    writeFileSync(installation.config, JSON.stringify({ ...settings, server }));
    await expectEnd(
      await serve(installation),
      7,
      /Secret "flyte\/tls" failed: user "bob" may not (get|list) secrets .*; missing in all: get, list, watch, update, delete secrets "tls" in namespace "flyte"; create secrets in namespace "flyte"; get, list, watch, patch mutatingwebhookconfigurations "[^"]+"; create mutatingwebhookconfigurations; get clusterroles "own"\. Fix: Grant all of these/,
    );
  });
  test("a registration of another installation: 9", async () => {
    const [name] = await rig().registered();
    const installation = await install({ name });
    await expectEnd(await serve(installation), 9, /^pod-secrets: E_REGISTRATION_OWNER: registration ".*" belongs to/);
  });
  test("no CA beside the certificate: 3", async () => {
    const installation = await install();
    rmSync(join(rig().folder, installation.registration, "ca.crt"));
    await expectEnd(
      await serve(installation),
      3,
      /^pod-secrets: E_CERTIFICATE: ".*ca\.crt", whose CA is to be registered, is not there/,
    );
  });
  test("a registration that the API server refuses: 8", async () => {
    const installation = await install({ matchConditions: [{ name: "x", expression: "no CEL" }] });
    await expectEnd(
      await serve(installation),
      8,
      /^pod-secrets: E_KUBERNETES: .*HTTP 422 Invalid at webhooks\[0\]\.matchConditions/,
    );
  });
});

describe("unregister", () => {
  test("takes the registration back for good while replicas run: pods are created, and never fail", async () => {
    const installation = await install();
    const replica = await serve(installation);
    await until(async () => (await created()) === "with its secret");
    const outcomes = new Set<string | number>();
    const unregistered = runBuilt(command().program, ["unregister", "--config", installation.config, "--wait", "2"]);
    const done = unregistered.then(() => "done" as const);
    while ((await Promise.race([done, sleep(0)])) !== "done") outcomes.add(await created());
    expect(await unregistered).toEqual({
      exit: 0,
      stdout: "",
      stderr: `MutatingWebhookConfiguration ${installation.registration}: removed\n`,
    });
    await sleep(4000);
    await expect(rig().read(installation.registration)).rejects.toMatchObject({ failure: "not-found" });
    expect([...outcomes].filter((outcome) => typeof outcome === "number")).toEqual([]);
    expect(await created()).toBe("without");
    expect(await replica.operations("/metrics")).toContain("pod_secrets_registration_held 0\n");
    replica.signal("SIGTERM");
    expect(await replica.exit).toBe(0);
    const again = await serve(installation);
    await until(() => isReady(again));
    await until(async () => (await created()) === "with its secret");
  });
  test("finds nothing to do where there is none", async () => {
    const { config, registration } = await install();
    expect(await runBuilt(command().program, ["unregister", "--config", config])).toMatchObject({
      exit: 0,
      stderr: `MutatingWebhookConfiguration ${registration}: not there\n`,
    });
  });
  test("leaves that of another installation alone: 9", async () => {
    const [name] = await rig().registered();
    const { config } = await install({ name });
    const { exit, stderr } = await runBuilt(command().program, ["unregister", "--config", config]);
    expect(exit).toBe(9);
    expect(stderr).toMatch(/^pod-secrets: E_REGISTRATION_OWNER: /);
    expect((await rig().read(name)).webhooks).toHaveLength(1);
  });
  test("--if-ours takes that of another installation for done: 0", async () => {
    const [name] = await rig().registered();
    const { config } = await install({ name });
    const { exit, stderr } = await runBuilt(command().program, ["unregister", "--if-ours", "--config", config]);
    expect({ exit, stderr }).toEqual({
      exit: 0,
      stderr: `MutatingWebhookConfiguration ${name}: of another installation, and left alone\n`,
    });
    expect((await rig().read(name)).webhooks).toHaveLength(1);
  });
});

describe("manifest", () => {
  test("is what serve would make: it marks it as its own, and changes nothing else", async () => {
    const installation = await install();
    const caFile = join(rig().folder, installation.registration, "ca.crt");
    const args = ["manifest", "--config", installation.config, "--ca-file", caFile];
    const { stdout } = await runBuilt(command().program, args);
    await rig().cluster.kubectl(["apply", "-f", "-"], { input: stdout });
    const { webhooks } = await rig().read(installation.registration);
    const serving = await serve(installation);
    await until(() => isReady(serving));
    expect((await rig().read(installation.registration)).webhooks).toEqual(webhooks);
    await expect.poll(() => serving.logged("registration updated")).toMatchObject([{ fields: "annotations" }]);
    await rig().client.remove(mutatingConfigurationPath(installation.registration));
  });
});
