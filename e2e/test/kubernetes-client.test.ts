/** What the client's tests take for granted of an API server, asked of a real one. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";

import { MUTATING_CONFIGURATIONS, mutatingConfigurationPath } from "../../apps/webhook/src/kubernetes/api-paths.ts";
import type {
  KubernetesFailure,
  KubernetesObject,
  PatchOperation,
  WatchEvent,
} from "../../apps/webhook/src/kubernetes/kubernetes-client.ts";
import { openKubernetes } from "../../apps/webhook/src/kubernetes/open-client.ts";
import { missingPermissions, type Permission } from "../../apps/webhook/src/kubernetes/permissions.ts";
import { OTHER, registrationRig } from "./rig/registrations.ts";

const rig = registrationRig();

async function made(webhooks: readonly object[] = [OTHER]): Promise<string> {
  const name = rig().freshName();
  const object: KubernetesObject & { readonly webhooks: readonly object[] } = { metadata: { name }, webhooks };
  await rig().client.create(MUTATING_CONFIGURATIONS, object);
  return name;
}

describe("failures", () => {
  const expectFailure = (call: Promise<unknown>, failure: KubernetesFailure, message: RegExp): Promise<void> =>
    expect(call).rejects.toMatchObject({ failure, message: expect.stringMatching(message) });
  test("a name that is there, or is not", async () => {
    const name = await made();
    const { client } = rig();
    await expectFailure(
      client.create(MUTATING_CONFIGURATIONS, { metadata: { name } }),
      "exists",
      /HTTP 409 AlreadyExists$/,
    );
    await expectFailure(
      client.get(mutatingConfigurationPath("nobody")),
      "not-found",
      /^mutatingwebhookconfigurations "nobody" does not exist: HTTP 404 NotFound$/,
    );
    expect((await rig().read(name)).webhooks).toHaveLength(1);
  });
  test.each<[string, PatchOperation, KubernetesFailure, RegExp]>([
    [
      "a test that does not hold",
      { op: "test", path: "/webhooks/0/name", value: "x" },
      "conflict",
      /HTTP 422 Invalid$/,
    ],
    ["an entry that is not there", { op: "replace", path: "/webhooks/3/name", value: "x" }, "conflict", /422 Invalid$/],
    [
      "a value that is not allowed",
      { op: "add", path: "/webhooks/0/timeoutSeconds", value: 99 },
      "invalid",
      /HTTP 422 Invalid at webhooks\[0\]\.timeoutSeconds$/,
    ],
    ["a value of another type", { op: "add", path: "/webhooks", value: "x" }, "invalid", /HTTP 422 Invalid at patch$/],
  ])("a patch with %s", async (_, operation, failure, message) => {
    const name = await made();
    await expectFailure(rig().change(name, [operation]), failure, message);
    expect((await rig().read(name)).webhooks).toMatchObject([{ name: OTHER.name, timeoutSeconds: 10 }]);
  });
  test("a version, or a uid, of before", async () => {
    const name = await made();
    const { client } = rig();
    const stale = { ...(await rig().read(name)) };
    await rig().change(name, [{ op: "add", path: "/metadata/labels", value: { a: "b" } }]);
    const path = mutatingConfigurationPath(name);
    await expectFailure(client.replace(path, stale), "conflict", /HTTP 409 Conflict$/);
    await expectFailure(client.remove(path, "another-uid"), "conflict", /HTTP 409 Conflict$/);
    await client.remove(path, stale.metadata.uid);
    await expectFailure(client.get(path), "not-found", /HTTP 404/);
  });
});

describe("what is asked to find missing permissions", () => {
  const VERBS = ["get", "list", "watch", "create", "update", "patch", "delete"] as const;
  const of = (name: string): readonly Permission[] =>
    VERBS.map((verb) => ({ verb, collection: MUTATING_CONFIGURATIONS, name }));
  test("finds those of a user, and by name those of a role", async () => {
    const name = await made();
    const file = join(rig().folder, "some.kubeconfig");
    writeFileSync(file, await rig().cluster.kubeconfigFor({ user: "some" }));
    const { client } = await openKubernetes({ kubeconfig: file, signal: AbortSignal.timeout(60_000) });
    expect(await missingPermissions(client, of(name))).toEqual(of(name));
    const kubectl = (...args: readonly string[]): Promise<unknown> => rig().cluster.kubectl(args);
    const rule = [
      "--verb=get,list,watch,delete",
      "--resource=mutatingwebhookconfigurations",
      `--resource-name=${name}`,
    ];
    await kubectl("create", "clusterrole", "some", ...rule);
    await kubectl("create", "clusterrolebinding", "some", "--clusterrole=some", "--user=some");
    const missing = async (): Promise<readonly string[]> =>
      (await missingPermissions(client, of(name))).map(({ verb }) => verb);
    await expect.poll(missing, { timeout: 20_000 }).toEqual(["create", "update", "patch"]);
    expect(await missingPermissions(client, of("another"))).toEqual(of("another"));
  });
  test("changes nothing where all is permitted", async () => {
    const name = await made();
    const before = await rig().read(name);
    expect(await missingPermissions(rig().client, of(name))).toEqual([]);
    expect(await rig().read(name)).toEqual(before);
    const gone = rig().freshName();
    expect(await missingPermissions(rig().client, of(gone))).toEqual([]);
    await expect(rig().read(gone)).rejects.toMatchObject({ failure: "not-found" });
  });
});

test("a watch tells what is there, each change, and the end, across a restart of the API server", async () => {
  const name = await made();
  const events: string[] = [];
  const stop = new AbortController();
  const tell = (event: WatchEvent<KubernetesObject>): void =>
    void events.push(event.type === "present" ? (event.object.metadata.labels?.["a"] ?? "none") : event.type);
  rig().client.watch(MUTATING_CONFIGURATIONS, name, tell, {
    signal: stop.signal,
    resync: 60_000,
    onProblem: () => {},
  });
  const label = (value: string) => rig().change(name, [{ op: "add", path: "/metadata/labels", value: { a: value } }]);
  await expect.poll(() => events).toEqual(["none"]);
  // The watch follows the list a moment later; nothing is lost in between.
  await label("1");
  await label("2");
  await expect.poll(() => events).toEqual(["none", "1", "2"]);
  await rig().cluster.restartApiServer();
  await label("3");
  await rig().client.remove(mutatingConfigurationPath(name));
  await expect.poll(() => events.at(-1), { timeout: 5000 }).toBe("deleted");
  stop.abort();
  const told = events.length;
  await made();
  await sleep(500);
  expect(events).toHaveLength(told);
});
