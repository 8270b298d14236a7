/**
 * The registration against a real API server where others have a say: another installation, a controller that undoes
 * repairs, replicas of another configuration, permissions that are missing, and an API server that is away.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, onTestFinished, test } from "vitest";

import { MUTATING_CONFIGURATIONS, mutatingConfigurationPath } from "../../apps/webhook/src/kubernetes/api-paths.ts";
import { openKubernetes } from "../../apps/webhook/src/kubernetes/open-client.ts";
import { encodeBundle } from "../../apps/webhook/src/registration/ca-bundle.ts";
import { createRepairPace } from "../../apps/webhook/src/registration/repair-pace.ts";
import type { WebhookConfiguration } from "../../apps/webhook/src/registration/webhook-configuration.ts";
import { createGate } from "./rig/gate.ts";
import { at, ours, registrationRig, REPAIRED, until } from "./rig/registrations.ts";

const rig = registrationRig();

describe("somebody else", () => {
  test("whose installation it is keeps it, and this one cannot start", async () => {
    const [name] = await rig().registered();
    const { metadata } = await rig().read(name);
    const registrar = await rig().run(name, { section: { service: { name: "other" } } });
    void registrar.publish(rig().otherBundle);
    await expect(registrar.registered).rejects.toMatchObject({
      code: "E_REGISTRATION_OWNER",
      message: `registration "${name}" belongs to "installation flyte/flyte-pod-webhook", and is left alone: this is "installation flyte/other"`,
    });
    expect((await rig().read(name)).metadata.resourceVersion).toBe(metadata.resourceVersion);
  });
  test("who undoes each repair is not fought: 10 writes in a minute at most, and one warning", async () => {
    const name = rig().freshName();
    const registrar = await rig().run(name, { pace: createRepairPace() });
    await registrar.publish(rig().bundle);
    const fight = new AbortController();
    onTestFinished(() => fight.abort());
    const { client: fighter } = await openKubernetes({ kubeconfig: rig().cluster.kubeconfig, signal: fight.signal });
    fighter.watch<WebhookConfiguration>(
      MUTATING_CONFIGURATIONS,
      name,
      (event) => {
        if (event.type === "deleted" || ours(event.object)?.["timeoutSeconds"] === 3) return;
        const undo = fighter.patch(mutatingConfigurationPath(name), [at("timeoutSeconds", 3)]);
        undo.catch(() => {});
      },
      { signal: fight.signal, resync: 60_000, onProblem: () => {} },
    );
    await sleep(60_000);
    expect(registrar.writes.length).toBeLessThanOrEqual(10);
    expect(registrar.writes.length).toBeGreaterThan(4);
    const warnings = registrar.logged.filter(({ level }) => level === "warn");
    expect(warnings.map(({ message }) => message)).toEqual([
      expect.stringMatching(/undoes the registration each time; it is written less often from now on$/),
    ]);
    // A publication is none of the fight.
    fight.abort();
    const start = performance.now();
    await registrar.publish(rig().otherBundle);
    expect(performance.now() - start).toBeLessThan(REPAIRED);
  });
  test("who is a replica of the same roll-out: the newer configuration counts, without a fight", async () => {
    const name = rig().freshName();
    const old = await rig().run(name, { section: { timeoutSeconds: 10 }, clock: () => Date.now() - 60_000 });
    await old.publish(rig().bundle);
    const latest = await rig().run(name, { section: { timeoutSeconds: 15 } });
    await latest.publish(rig().bundle);
    await sleep(3000);
    expect(ours(await rig().read(name))?.["timeoutSeconds"]).toBe(15);
    expect([old.writes, latest.writes]).toEqual([["create"], ["publish"]]);
    await rig().change(name, [{ op: "remove", path: "/webhooks/0/clientConfig/caBundle" }]);
    expect(
      await until(async () => ours(await rig().read(name))?.clientConfig.caBundle === encodeBundle(rig().bundle)),
    ).toBeLessThan(REPAIRED);
  });
});

describe("replicas with certificates from files", () => {
  test("that see new ones at different times keep each other's CA", async () => {
    const { bundle, otherBundle } = rig();
    const name = rig().freshName();
    const files = { server: { certificates: "/etc/webhook/certs" } };
    const [early, late] = [await rig().run(name, files), await rig().run(name, files)];
    await Promise.all([early.publish(bundle), late.publish(bundle)]);
    await early.publish(otherBundle);
    await sleep(2000);
    expect(ours(await rig().read(name))?.clientConfig.caBundle).toBe(encodeBundle(otherBundle + bundle));
    await late.publish(otherBundle);
    expect([...early.writes, ...late.writes].toSorted()).toEqual(["create", "publish"]);
  });
});

describe("permissions", () => {
  const RULES = "admissionregistration.k8s.io";
  const grant = async (user: string, rules: readonly object[]): Promise<string> => {
    const [role, binding] = ["ClusterRole", "ClusterRoleBinding"].map((kind) => ({
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind,
      metadata: { name: user },
    }));
    const roleRef = { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: user };
    const subjects = [{ apiGroup: "rbac.authorization.k8s.io", kind: "User", name: user }];
    const items = [
      { ...role, rules },
      { ...binding, roleRef, subjects },
    ];
    await rig().cluster.kubectl(["apply", "-f", "-"], {
      input: JSON.stringify({ apiVersion: "v1", kind: "List", items }),
    });
    const file = join(rig().folder, `${user}.kubeconfig`);
    writeFileSync(file, await rig().cluster.kubeconfigFor({ user }));
    return file;
  };
  const resources = ["mutatingwebhookconfigurations"];
  test("are those of the chart: by name, and to create", async () => {
    const name = rig().freshName();
    const kubeconfig = await grant("least", [
      { apiGroups: [RULES], resources, verbs: ["create"] },
      { apiGroups: [RULES], resources, resourceNames: [name], verbs: ["get", "list", "watch", "patch"] },
      { apiGroups: [""], resources: ["namespaces"], resourceNames: ["kube-system"], verbs: ["get"] },
    ]);
    const section = { name, owner: { kind: "Namespace", name: "kube-system" } };
    const registrar = await rig().run(name, { kubeconfig, section });
    await registrar.publish(rig().bundle);
    await rig().change(name, [at("timeoutSeconds", 3)]);
    await until(async () => ours(await rig().read(name))?.["timeoutSeconds"] === 10);
    expect((await rig().read(name)).metadata.ownerReferences).toMatchObject([
      { kind: "Namespace", name: "kube-system" },
    ]);
  });
  test.each<[string, readonly string[]]>([
    ["nobody", []],
    ["reader", ["get", "list", "watch"]],
  ])("that %s lacks are told with the call that needs them", async (user, verbs) => {
    const name = rig().freshName();
    const kubeconfig = await grant(user, verbs.length === 0 ? [] : [{ apiGroups: [RULES], resources, verbs }]);
    const registrar = await rig().run(name, { kubeconfig });
    void registrar.publish(rig().bundle);
    await expect(registrar.registered).rejects.toMatchObject({
      code: "E_KUBERNETES_FORBIDDEN",
      message: expect.stringMatching(
        /user "\S+" may not (list|watch|create) mutatingwebhookconfigurations: HTTP 403 Forbidden$/,
      ),
    });
  });
});

describe("an API server that is away", () => {
  const through = (port: number): string => {
    const file = join(rig().folder, `gate-${port}.kubeconfig`);
    writeFileSync(
      file,
      readFileSync(rig().cluster.kubeconfig, "utf8").replaceAll(rig().cluster.server, `https://127.0.0.1:${port}`),
    );
    return file;
  };
  test("at the start is waited for, and then registered in two seconds", async () => {
    const gate = await createGate(Number(new URL(rig().cluster.server).port));
    const name = rig().freshName();
    const registrar = await rig().run(name, { kubeconfig: through(gate.port) });
    const published = registrar.publish(rig().bundle);
    await sleep(15_000);
    expect(registrar.problem()).toContain("watching the registration failed");
    await gate.open();
    const start = performance.now();
    await published;
    expect(performance.now() - start).toBeLessThan(REPAIRED + 500);
    expect(registrar.logged.filter(({ level }) => level === "warn")).toHaveLength(1);
  });
  test("later is no matter of readiness, and what happened meanwhile is repaired in two seconds", async () => {
    const gate = await createGate(Number(new URL(rig().cluster.server).port));
    await gate.open();
    const name = rig().freshName();
    const registrar = await rig().run(name, { kubeconfig: through(gate.port) });
    await registrar.publish(rig().bundle);
    await gate.shut();
    await rig().client.remove(mutatingConfigurationPath(name));
    await sleep(5000);
    expect(registrar.problem()).toBeUndefined();
    await gate.open();
    expect(await until(async () => ours(await rig().read(name)) !== undefined)).toBeLessThan(REPAIRED + 500);
  });
  test("and restarts is registered with again", async () => {
    const [name, registrar] = await rig().registered();
    await rig().cluster.restartApiServer();
    await rig().client.remove(mutatingConfigurationPath(name));
    expect(await until(async () => ours(await rig().read(name)) !== undefined)).toBeLessThan(REPAIRED + 500);
    expect(registrar.problem()).toBeUndefined();
  });
});
