/**
 * Pods of a node that fetch from the real Confidant and from AWS, as moto plays it: our webhook is registered, one of EKS'
 * kind gives the pods their identity after it, and the init container is of the image by deploy/Dockerfile.fetch.
 */
import { availableParallelism, loadavg } from "node:os";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";

import type { RequestFields } from "../../packages/injector-testkit/src/index.ts";
import { needing, nodeSupport } from "../cluster/src/index.ts";
import { imageSupport } from "../images/buildah.ts";
import { pythonSupport } from "../servers/index.ts";
import { fetchNode, NAMESPACE } from "./rig/fetch-node.ts";
import { WAIT } from "./rig/node-tasks.ts";
import { processOf } from "./rig/pod-processes.ts";
import { until } from "./rig/registrations.ts";
import { printed, runningTaskPod } from "./rig/task-output.ts";
import { tracesOf } from "./rig/value-traces.ts";

const PASSWORD = ' p"a$(id)ss\\wörd\n';
const TOKEN = 'tok"en $HOME `id`';
const FETCHER = "pod-secrets-fetch";
const REFRESHER = "pod-secrets-refresh";

/** How many times as long something takes here as on a machine that has nothing else to do. */
function slowness(): number {
  return Math.max(1, (loadavg()[0] ?? 0) / availableParallelism());
}

describe("a node", needing(nodeSupport(), imageSupport(), pythonSupport()), () => {
  const rig = fetchNode();

  beforeAll(async () => {
    const { stores } = rig();
    await stores.putCredential("db", { password: PASSWORD });
    await stores.putSecret("warehouse", JSON.stringify({ token: TOKEN }));
  });

  const password: RequestFields = { group: "db", key: "Password", envVar: "PASSWORD" };
  const token = (): RequestFields => ({ group: rig().stores.awsGroup, key: "warehouse#token", envVar: "TOKEN" });
  const asEnvVar = (request: RequestFields): RequestFields => ({ ...request, mountRequirement: "ENV_VAR" });
  /** What prints a file whose path is in an env var. */
  const CAT = 'cat "$PASSWORD" "$TOKEN"';

  test("starts a task with files of Confidant and of AWS", async () => {
    await rig().serve();
    const task = await rig().start({ name: "files", requests: [password, token()], script: CAT });
    await task.untilPhase("Succeeded");
    expect(await task.logs()).toBe(PASSWORD + TOKEN);
    expect(task.pod.spec?.initContainers?.map(({ name }) => name)).toEqual([FETCHER]);
  });

  test("starts a task with env vars of Confidant and of AWS", async () => {
    await rig().serve();
    const requests = [asEnvVar(password), asEnvVar(token())];
    const script = ["PASSWORD", "TOKEN", "_FSEC_DB_PASSWORD"].map(printed).join("; ");
    const task = await rig().start({ name: "env-vars", requests, script });
    await task.untilPhase("Succeeded");
    const firstLine = PASSWORD.trimEnd();
    expect(await task.logs()).toBe(`${firstLine}\n${TOKEN}\n${firstLine}\n`);
  });

  test("starts it in a namespace that enforces `restricted`", async () => {
    await rig().serve();
    const { securityContext: _, ...spec } =
      runningTaskPod({ name: "loose", requests: [password], script: CAT }).spec ?? {};
    const loose = { apiVersion: "v1", kind: "Pod", metadata: { name: "loose" }, spec };
    expect(await rig().api.createPod(NAMESPACE, loose)).toMatchObject({ status: 403 });
    const task = await rig().start({ name: "restricted", requests: [password], script: "id -u" });
    await task.untilPhase("Succeeded");
    expect(await task.logs()).toBe("1000\n");
  });

  test("has the files in memory, and the task cannot write there", async () => {
    await rig().serve();
    const script = "grep ' /etc/flyte/secrets ' /proc/mounts; touch /etc/flyte/secrets/x 2>&1 || true";
    const task = await rig().start({ name: "memory", requests: [password], script });
    await task.untilPhase("Succeeded");
    const [mount = "", written] = (await task.logs()).split("\n");
    expect(mount).toMatch(/^tmpfs \/etc\/flyte\/secrets tmpfs ro,.*\bsize=16384k\b/);
    expect(written).toMatch(/Read-only file system/);
  });

  test("does not start the task while the stores are down, and `kubectl describe pod` says why", async () => {
    await rig().serve({ deadlineSeconds: 3 });
    await rig().stores.goDown();
    onTestFinished(() => rig().stores.comeBack());
    const task = await rig().start({ name: "down", requests: [password, token()], script: CAT });
    await task.untilPhase("Failed");
    expect(await task.status()).toMatchObject({
      initContainerStatuses: [{ name: FETCHER, state: { terminated: { exitCode: 18 } } }],
      containerStatuses: [{ name: "main", state: { waiting: { reason: "PodInitializing" } } }],
    });
    const description = await task.describe();
    expect(description).toMatch(/fetch\/unavailable: secret "db\/password" from confidant.*ECONNREFUSED.*\. Fix: /);
    expect(description).toContain("warehouse#token");
  });

  test("starts the task when the stores are back, if the pod's policy is to try again", async () => {
    await rig().serve({ deadlineSeconds: 2 });
    await rig().stores.goDown();
    onTestFinished(() => rig().stores.comeBack());
    const restartPolicy = "OnFailure";
    const task = await rig().start({ name: "back", requests: [password, token()], script: CAT, restartPolicy });
    await task.untilRestarted(FETCHER, 1);
    await rig().stores.comeBack();
    await task.untilPhase("Succeeded");
    expect(await task.logs()).toBe(PASSWORD + TOKEN);
  });

  test("keeps a value out of API objects, logs, disks, and the env of the container that fetches it", async () => {
    const value = "the-value-that-nobody-else-may-see";
    await rig().stores.putCredential("hidden", { hidden: value });
    const serving = await rig().serve({ refresh: {} });
    const requests = [{ group: "hidden", key: "hidden" }];
    const task = await rig().start({ name: "hidden-task", requests, script: `echo hidden-task; ${WAIT}` });
    await task.untilPhase("Running");
    expect(task.read("hidden/hidden")).toBe(value);
    expect(processOf(task.uid, `${FETCHER}.mjs`).env).not.toContain(value);
    expect(await tracesOf(rig().cluster, "hidden-task")).toEqual(
      expect.arrayContaining(["etcd/member/wal", "node/lib/containerd", "node/lib/kubelet", "node/log/pods", "pods"]),
    );
    expect(await tracesOf(rig().cluster, value)).toEqual([]);
    expect(JSON.stringify(serving.lines())).not.toContain(value);
  });

  test("keeps the value of an env var where it keeps the containers, as of any other, and in no API object", async () => {
    const value = "the-value-of-an-env-var-of-a-task";
    await rig().stores.putCredential("shown", { shown: value });
    await rig().serve();
    const requests = [asEnvVar({ group: "shown", key: "shown" })];
    const task = await rig().start({ name: "shown-task", requests, script: WAIT });
    await task.untilPhase("Running");
    expect(processOf(task.uid, WAIT).env).toContain(value);
    expect(await tracesOf(rig().cluster, value)).toEqual(["node/lib/containerd", "node/run/containerd"]);
  });

  test("brings fifty secrets to one pod", async () => {
    const keys = Array.from({ length: 25 }, (_value, index) => `key-${index}`);
    const values = Object.fromEntries(keys.map((key) => [key, `value of ${key}`]));
    await rig().stores.putCredential("fifty", values);
    await rig().stores.putSecret("fifty", JSON.stringify(values));
    await rig().serve();
    const { awsGroup } = rig().stores;
    const requests = keys.flatMap((key) => [
      { group: "fifty", key },
      { group: awsGroup, key: `fifty#${key}` },
    ]);
    const script = 'cd /etc/flyte/secrets && find . -type f | sort | while read f; do cat "$f"; echo; done';
    const task = await rig().start({ name: "fifty", requests, script });
    await task.untilPhase("Succeeded");
    const lines = (await task.logs()).trimEnd().split("\n");
    expect(lines.toSorted()).toEqual([...Object.values(values), ...Object.values(values)].toSorted());
  });

  test("gives a container that starts again its secrets, without a store", async () => {
    await rig().serve();
    const script = `${printed("TOKEN")}; cat "$PASSWORD"; ${WAIT}; exit 1`;
    const requests = [password, asEnvVar(token())];
    const task = await rig().start({ name: "again", requests, script, restartPolicy: "Always" });
    await task.untilPhase("Running");
    await rig().stores.goDown();
    onTestFinished(() => rig().stores.comeBack());
    process.kill(processOf(task.uid, WAIT).pid, "SIGKILL");
    await task.untilRestarted("main", 1);
    await expect.poll(() => task.logs(), { timeout: 60_000 }).toBe(`${TOKEN}\n${PASSWORD}`);
    expect(await task.status()).toMatchObject({ initContainerStatuses: [{ name: FETCHER, restartCount: 0 }] });
  });

  test("fetches again for a pod whose sandbox is made anew", async () => {
    await rig().serve();
    // A line that is not over is not in the log yet.
    const script = `${CAT}; echo; ${WAIT}`;
    const requests = [password, token()];
    const task = await rig().start({ name: "sandbox", requests, script, restartPolicy: "Always" });
    await task.untilPhase("Running");
    process.kill(processOf(task.uid, "/pause").pid, "SIGKILL");
    await task.untilRestarted("main", 1);
    await expect.poll(() => task.logs(), { timeout: 60_000 }).toBe(`${PASSWORD}${TOKEN}\n`);
    expect(await task.status()).toMatchObject({ initContainerStatuses: [{ name: FETCHER, restartCount: 1 }] });
  });

  test("has a new value in a running pod within the period of its sidecar and a second", async () => {
    await rig().serve({ refresh: { seconds: 2 } });
    const { stores } = rig();
    const put = (value: string): Promise<unknown> =>
      Promise.all([stores.putCredential("turning", { turning: value }), stores.putSecret("turning", value)]);
    await put("old");
    const requests = [
      { group: "turning", key: "turning", envVar: "CREDENTIAL" },
      { group: stores.awsGroup, key: "turning", envVar: "SECRET" },
    ];
    const script = `until test "$(cat "$CREDENTIAL" "$SECRET")" = endend; do sleep 0.1; done`;
    const task = await rig().start({ name: "turning", requests, script });
    await task.untilPhase("Running");
    const both = (): string => task.read("turning/turning") + task.read(`${stores.awsGroup}/turning`);
    const untilThere = (value: string): Promise<number> => until(async () => both() === value + value);
    // The sidecar starts together with the task.
    await put("first");
    await untilThere("first");
    for (const value of ["new", "newer", "newest"]) {
      await put(value);
      expect(await untilThere(value)).toBeLessThanOrEqual(2000 + 1000 * slowness());
    }
    await put("end");
    // The sidecar keeps nobody from being done.
    await task.untilPhase("Succeeded");
    expect(task.pod.spec?.initContainers?.map(({ name }) => name)).toEqual([FETCHER, REFRESHER]);
  });
});
