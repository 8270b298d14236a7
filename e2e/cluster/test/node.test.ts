import { existsSync, globSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { once } from "node:events";
import { networkInterfaces } from "node:os";
import { basename } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { IMAGES, needing, nodeImage, nodeSupport, startControlPlane, startNode } from "../src/index.ts";
import type { ControlPlane, Node } from "../src/index.ts";
import { isRunning } from "../src/processes/identity.ts";

interface PodOptions {
  readonly name: string;
  readonly image?: string;
  readonly command: readonly string[];
  readonly labels?: Readonly<Record<string, string>>;
}

function pod({ name, image = IMAGES.busybox, command, labels = {} }: PodOptions): string {
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, labels },
    spec: {
      restartPolicy: "Never",
      terminationGracePeriodSeconds: 0,
      containers: [{ name: "main", image, imagePullPolicy: "IfNotPresent", command }],
    },
  });
}

describe("a node", needing(nodeSupport()), () => {
  let cluster: ControlPlane;
  let node: Node;

  beforeAll(async () => {
    cluster = await startControlPlane();
    node = await startNode(cluster);
  });

  afterAll(() => cluster.stop());

  /** Runs a pod to its end. @returns what it wrote */
  async function outputOf(options: PodOptions): Promise<string> {
    await cluster.kubectl(["apply", "-f", "-"], { input: pod(options) });
    const wait = ["wait", "--timeout=60s", `pod/${options.name}`];
    await cluster.kubectl([...wait, "--for=jsonpath={.status.phase}=Succeeded"]);
    return (await cluster.kubectl(["logs", options.name])).stdout;
  }

  /** Starts a web server in a pod, behind a Service. */
  async function serve(name: string, answer: string): Promise<string> {
    const script = `mkdir /www && echo ${answer} > /www/index.html && exec httpd -f -p 8080 -h /www`;
    await cluster.kubectl(["apply", "-f", "-"], {
      input: pod({ name, command: ["sh", "-c", script], labels: { app: name } }),
    });
    await cluster.kubectl(["expose", "pod", name, "--port=80", "--target-port=8080"]);
    await cluster.kubectl(["wait", "--for=condition=Ready", "--timeout=60s", `pod/${name}`]);
    return (await cluster.kubectl(["get", "service", name, "-o", "jsonpath={.spec.clusterIP}"])).stdout;
  }

  test("runs a pod to its end, and has its log", async () => {
    expect(await outputOf({ name: "hello", command: ["echo", "hello from a pod"] })).toBe("hello from a pod\n");
    const [log = ""] = globSync(`${node.podLogs}/default_hello_*/main/0.log`);
    expect(readFileSync(log, "utf8")).toContain("hello from a pod");
  });

  test("lets a pod call the API server as its service account, at the address that Kubernetes tells it", async () => {
    await node.addImage(await nodeImage());
    await cluster.kubectl(["create", "rolebinding", "pods", "--clusterrole=view", "--serviceaccount=default:default"]);
    const script = `
      import { readFileSync } from "node:fs";
      import { request } from "node:https";
      const folder = "/var/run/secrets/kubernetes.io/serviceaccount";
      const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = process.env;
      const headers = { authorization: "Bearer " + readFileSync(folder + "/token", "utf8") };
      const ca = readFileSync(folder + "/ca.crt");
      request({ host, port, ca, headers, path: "/api/v1/namespaces/default/pods/caller" }, async (response) => {
        const chunks = await response.toArray();
        const { metadata } = JSON.parse(Buffer.concat(chunks).toString());
        console.log(host, response.statusCode, metadata.name);
      }).end();`;
    const command = ["/usr/local/bin/node", "--input-type=module", "--eval", script];
    expect(await outputOf({ name: "caller", image: IMAGES.node, command })).toBe("10.96.0.1 200 caller\n");
  });

  test("has Services: a pod reaches another, and itself, behind a cluster IP", async () => {
    const address = await serve("web", "answer");
    expect(await outputOf({ name: "client", command: ["wget", "-q", "-O-", `http://${address}/`] })).toBe("answer\n");
    const own = await cluster.kubectl(["exec", "web", "--", "timeout", "5", "wget", "-q", "-O-", `http://${address}/`]);
    expect(own.stdout).toBe("answer\n");
  });

  test("is reached by the API server: it passes requests on to a Service", async () => {
    await serve("behind", "proxied");
    const path = "/api/v1/namespaces/default/services/behind:80/proxy/";
    expect((await cluster.kubectl(["get", "--raw", path])).stdout).toBe("proxied\n");
  });

  test("lets pods reach a server on this machine", async () => {
    const server = createServer((_request, response) => response.end("from outside")).listen(0, node.hostAddress);
    await once(server, "listening");
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const url = `http://${node.hostAddress}:${port}/`;
    try {
      expect(await outputOf({ name: "out", command: ["wget", "-q", "-O-", url] })).toBe("from outside");
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });

  test("stands beside another one, and ends without a trace", async () => {
    await using other = await startControlPlane();
    const { directory } = other;
    const second = await startNode(other);
    const { processes } = other.run.state();
    expect(second.address).not.toBe(node.address);
    const input = pod({ name: "neighbour", command: ["sleep", "600"] });
    await other.kubectl(["apply", "-f", "-"], { input });
    await other.kubectl(["wait", "--for=condition=Ready", "--timeout=60s", "pod/neighbour"]);
    expect(controlGroups(directory)).not.toEqual([]);
    expect(processesMentioning(directory)).not.toEqual([]);

    await other.stop();

    expect(processes.filter(isRunning)).toEqual([]);
    expect(processesMentioning(directory)).toEqual([]);
    expect(controlGroups(directory)).toEqual([]);
    expect(readFileSync("/proc/mounts", "utf8")).not.toContain(directory);
    expect(addresses()).not.toContain(second.hostAddress);
    expect(existsSync(directory)).toBe(false);
    // The first one does not mind.
    expect(await outputOf({ name: "still", command: ["echo", "here"] })).toBe("here\n");
  });
});

describe("a node that does not start", needing(nodeSupport()), () => {
  test("says why in the words of the kubelet, and ends with its control plane", async () => {
    await using cluster = await startControlPlane();
    const { directory } = cluster;
    const start = performance.now();
    const started = startNode(cluster, { kubeletConfiguration: { evictionHard: { "memory.available": "-5%" } } });
    await expect(started).rejects.toMatchObject({
      code: "E_CLUSTER_START",
      message: expect.stringMatching(/kubelet ended with exit code 1: .*memory\.available/),
    });
    expect(performance.now() - start).toBeLessThan(60_000);
    await cluster.stop();
    expect(processesMentioning(directory)).toEqual([]);
    expect(controlGroups(directory)).toEqual([]);
    expect(existsSync(directory)).toBe(false);
  });
});

function controlGroups(directory: string): string[] {
  return globSync([`/sys/fs/cgroup/${basename(directory)}`, `/sys/fs/cgroup/*/${basename(directory)}`]);
}

/** Programs of the cluster name its folder among their arguments. */
function processesMentioning(directory: string): string[] {
  return globSync("/proc/[0-9]*/cmdline").filter((file) => {
    try {
      return readFileSync(file, "utf8").includes(directory);
    } catch {
      return false;
    }
  });
}

function addresses(): string[] {
  return Object.values(networkInterfaces()).flatMap((each) => (each ?? []).map(({ address }) => address));
}
