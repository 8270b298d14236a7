import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { ClusterError, KubectlError, startControlPlane, type ControlPlane } from "../src/index.ts";
import { identityOf, isRunning } from "../src/processes/identity.ts";
import { listRuns } from "../src/runs/list.ts";

const POD = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "example" },
  spec: { containers: [{ name: "main", image: "registry.example.com/train:2.0" }] },
};

describe("a control plane", () => {
  let cluster: ControlPlane;

  beforeAll(async () => {
    cluster = await startControlPlane({
      auditPolicy: JSON.stringify({
        apiVersion: "audit.k8s.io/v1",
        kind: "Policy",
        rules: [{ level: "Metadata", resources: [{ group: "", resources: ["pods"] }] }, { level: "None" }],
      }),
      names: ["api.example.com"],
    });
  });

  afterAll(() => cluster.stop());

  test("is the Kubernetes that it says", async () => {
    const { stdout } = await cluster.kubectl(["version", "-o", "json"]);
    expect(JSON.parse(stdout)).toMatchObject({
      serverVersion: { gitVersion: "v1.36.3" },
      clientVersion: { gitVersion: "v1.36.3" },
    });
  });

  test("takes pods at once, with the token that a service account gives", async () => {
    await cluster.kubectl(["apply", "-f", "-"], { input: JSON.stringify(POD) });
    const { stdout } = await cluster.kubectl(["get", "pod", "example", "-o", "json"]);
    expect(JSON.parse(stdout)).toMatchObject({ spec: { serviceAccountName: "default" }, status: { phase: "Pending" } });
  });

  test("writes what the policy asks for to the audit log", async () => {
    await cluster.kubectl(["get", "pods"]);
    const events = readFileSync(cluster.auditLog, "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { verb: string; objectRef: { resource: string } });
    expect(events.some(({ verb, objectRef }) => verb === "list" && objectRef.resource === "pods")).toBe(true);
  });

  test("gives a user of its own no rights but those of RBAC", async () => {
    const kubeconfig = await cluster.kubeconfigFor({ user: "alice", groups: ["readers"] });
    const asAlice = (args: readonly string[]): Promise<unknown> => cluster.kubectl(args, { kubeconfig });
    await expect(asAlice(["get", "secrets"])).rejects.toThrow(/User "alice" cannot list resource "secrets"/);
    await cluster.kubectl(["create", "clusterrolebinding", "readers", "--clusterrole=view", "--group=readers"]);
    await expect(asAlice(["get", "pods"])).resolves.toMatchObject({ stdout: expect.any(String) });
    await expect(asAlice(["get", "secrets"])).rejects.toThrow("cannot list resource");
  });

  test("tells kubectl's words and exit code when it fails", async () => {
    const failed: unknown = await cluster.kubectl(["get", "pod", "nobody"]).catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(KubectlError);
    expect(failed).toMatchObject({
      code: "E_CLUSTER_KUBECTL",
      exitCode: 1,
      stderr: expect.stringContaining("NotFound"),
    });
  });

  test("keeps its data when the API server starts again, with other arguments", async () => {
    await cluster.kubectl(["create", "configmap", "kept", "--from-literal=a=b"]);
    const before = cluster.run.state().processes.find(({ part }) => part === "kube-apiserver");
    await cluster.restartApiServer(["--max-requests-inflight=123"]);
    const after = cluster.run.state().processes.find(({ part }) => part === "kube-apiserver");
    expect(after?.pid).not.toBe(before?.pid);
    expect(readFileSync(`/proc/${after?.pid}/cmdline`, "utf8")).toContain("--max-requests-inflight=123");
    const { stdout } = await cluster.kubectl(["get", "configmap", "kept", "-o", "jsonpath={.data.a}"]);
    expect(stdout).toBe("b");
  });

  test("is seen by others as the cluster of a running process", () => {
    const listed = listRuns().find(({ directory }) => directory === cluster.directory);
    expect(listed).toMatchObject({ kind: "owned", state: { server: cluster.server } });
  });
});

describe("the end of a control plane", () => {
  test("leaves neither process nor folder", async () => {
    await using cluster = await startControlPlane();
    const { processes } = cluster.run.state();
    expect(processes.map(({ part }) => part)).toEqual([
      "etcd",
      "kube-apiserver",
      "kube-controller-manager",
      "kube-scheduler",
    ]);
    expect(processes.every(isRunning)).toBe(true);
    await cluster.stop();
    expect(processes.filter(isRunning)).toEqual([]);
    expect(existsSync(cluster.directory)).toBe(false);
  });

  test("comes with its scope, and only once", async () => {
    let directory: string;
    {
      await using cluster = await startControlPlane({ controllers: false });
      ({ directory } = cluster);
      expect(cluster.run.state().processes.map(({ part }) => part)).toEqual(["etcd", "kube-apiserver"]);
      // No service account is needed without the controllers that make it.
      await cluster.kubectl(["apply", "-f", "-"], { input: JSON.stringify(POD) });
      await cluster.stop();
    }
    expect(existsSync(directory)).toBe(false);
  });
});

/** Processes that this one started and that have not ended. */
function children(): number[] {
  const pids = readFileSync(`/proc/self/task/${process.pid}/children`, "utf8").trim().split(" ").map(Number);
  return pids.filter((pid) => identityOf(pid) !== undefined);
}

describe("a start that fails", () => {
  const runsOfThisProcess = (): unknown[] => listRuns().filter(({ state }) => state.owner?.pid === process.pid);

  test("because the port is taken says so", async () => {
    const taken = createServer().listen(0, "127.0.0.1");
    await once(taken, "listening");
    const address = taken.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    try {
      await expect(startControlPlane({ port })).rejects.toMatchObject({ code: "E_CLUSTER_PORT" });
    } finally {
      taken.close();
    }
    expect(runsOfThisProcess()).toEqual([]);
  });

  test("halfway, with etcd running, ends etcd and says why in the words of the API server", async () => {
    const before = children();
    const failed: unknown = await startControlPlane({ apiServerArgs: ["--no-such-flag"] }).catch(
      (error: unknown) => error,
    );
    expect(failed).toBeInstanceOf(ClusterError);
    expect(failed).toMatchObject({ code: "E_CLUSTER_START", message: expect.stringContaining("--no-such-flag") });
    expect(runsOfThisProcess()).toEqual([]);
    expect(children()).toEqual(before);
  });

  test("because it is no longer wanted cleans up as well", async () => {
    const controller = new AbortController();
    const started = startControlPlane({ signal: controller.signal });
    setTimeout(() => controller.abort(), 500);
    await expect(started).rejects.toThrow(/abort/);
    expect(runsOfThisProcess()).toEqual([]);
  });
});
