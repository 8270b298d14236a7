import { join } from "node:path";
import { applyPatch, createPatch, type Pod } from "@pod-secrets/core";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";

import { ANNOTATIONS, podAsking, refusedPod, request } from "./pods.ts";
import { folderOf, linesOf, run } from "./running.ts";

const YAML_POD = `# A task.
apiVersion: v1
kind: Pod
metadata:
    name: task
    labels: {inject-flyte-secrets: "true"}
    annotations:
        ${ANNOTATIONS.join("\n        ")}
spec:
    fieldOfTomorrow: {zeta: 1, alpha: "yes"}
    containers:
    - name: main # the task itself
      image: example.com/task:1
      args: ["--verbose", "on", "0644"]
`;

function json(...values: readonly unknown[]): string {
  return values.map((value) => `${JSON.stringify(value)}\n`).join("");
}

const deployment = {
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "web" },
  spec: { template: { spec: podAsking().spec } },
};
const configMap = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "settings" }, data: { a: "1" } };

describe("inject", () => {
  it("writes YAML as it came, with what the webhook adds", async () => {
    const result = await run(["inject", "-"], { stdin: YAML_POD });
    expect(result).toMatchObject({ exit: 0, stderr: "" });
    await expect(result.stdout).toMatchFileSnapshot("golden/inject-yaml.txt");
  });

  it("writes line ends as they came", async () => {
    const { stdout: unix } = await run(["inject", "-"], { stdin: `${YAML_POD}---\n${YAML_POD}` });
    const windows = await run(["inject", "-"], { stdin: `${YAML_POD}---\n${YAML_POD}`.replaceAll("\n", "\r\n") });
    expect(windows).toEqual({ exit: 0, stdout: unix.replaceAll("\n", "\r\n"), stderr: "" });
  });

  it("takes no text for a number", async () => {
    const { exit, stdout } = await run(["inject", "-o", "json", "-"], {
      stdin: `${YAML_POD}      workingDir: .\n      command: [pip, install, ., e1]\n`,
    });
    expect(exit).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      spec: { containers: [{ workingDir: ".", command: ["pip", "install", ".", "e1"] }] },
    });
  });

  it("makes of JSON the same pod as the patch of the webhook does", async () => {
    const pod = podAsking();
    const { stdout } = await run(["inject", "-o", "json", "-"], { stdin: json(pod) });
    const { stdout: patch } = await run(["inject", "-o", "patch", "-"], { stdin: json(pod) });
    expect(JSON.parse(stdout)).toEqual(applyPatch(pod, JSON.parse(patch)));
    expect(createPatch(pod, JSON.parse(stdout) as Pod)).not.toEqual([]);
  });

  it("shows a diff that patch(1) could read", async () => {
    const { exit, stdout, stderr } = await run(["inject", "--output=diff", "-"], { stdin: YAML_POD });
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: "" });
    await expect(stdout).toMatchFileSnapshot("golden/inject-diff.txt");
  });

  it("leaves a pod alone that asks for nothing, and one that has its secrets", async () => {
    const plain = { apiVersion: "v1", kind: "Pod", metadata: { name: "plain" }, spec: { containers: [] } };
    expect(await run(["inject", "-o", "json", "-"], { stdin: json(plain) })).toEqual({
      exit: 0,
      stdout: json(plain),
      stderr: "",
    });
    expect(await run(["inject", "-o", "diff", "-"], { stdin: json(plain) })).toEqual({
      exit: 0,
      stdout: "",
      stderr: "",
    });
    const first = await run(["inject", "-"], { stdin: YAML_POD });
    expect(await run(["inject", "-"], { stdin: first.stdout })).toEqual(first);
    expect(await run(["inject", "-o", "patch", "-"], { stdin: first.stdout })).toMatchObject({ stdout: "[]\n" });
  });

  it("says nothing and writes nothing for an empty input", async () => {
    expect(await run(["inject", "-"], { stdin: "# nothing\n---\n" })).toEqual({ exit: 0, stdout: "", stderr: "" });
  });

  it("writes shared parts again in full, where the input had anchors", async () => {
    const text = YAML_POD.replace("args: [", "args: &args [") + "    - name: second\n      args: *args\n";
    const { stdout, stderr } = await run(["inject", "-"], { stdin: text });
    expect(stderr).toBe("note: standard input:2 is written anew, without its comments and anchors\n");
    const pod = parse(stdout) as { spec: { containers: { args: string[]; env: unknown[] }[] } };
    expect(pod.spec.containers.map(({ args }) => args)).toEqual([
      ["--verbose", "on", "0644"],
      ["--verbose", "on", "0644"],
    ]);
    expect(pod.spec.containers.map(({ env }) => env.length)).toEqual([2, 2]);
    const bare = text.replaceAll(/ *#.*/g, "");
    expect(await run(["inject", "-"], { stdin: bare })).toEqual({ exit: 0, stdout, stderr: "" });
  });
});

describe("several pods", () => {
  it("come out in their order, whichever file and format they came in", async () => {
    const folder = folderOf({
      "a.yaml": `${YAML_POD}---\n${YAML_POD.replace("name: task", "name: task-2")}`,
      "b.json": json(podAsking([request()], "task-3")),
    });
    const { exit, stdout } = await run(["inject", join(folder, "a.yaml"), "-", join(folder, "b.json")], {
      stdin: json(podAsking([], "from-stdin")),
    });
    expect(exit).toBe(0);
    const documents = stdout.split(/^---\n/m).map((text) => (parse(text) as Pod).metadata?.name);
    expect(documents).toEqual(["task", "task-2", "from-stdin", "task-3"]);
  });

  it("come as one line each with -o json and -o patch", async () => {
    const stdin = json(podAsking([request()], "one"), podAsking([], "two"));
    const { stdout } = await run(["inject", "-o", "json", "-"], { stdin });
    expect(linesOf(stdout).map((line) => (JSON.parse(line) as Pod).metadata?.name)).toEqual(["one", "two"]);
    const patches = linesOf((await run(["inject", "-o", "patch", "-"], { stdin })).stdout);
    expect(patches.map((line) => (JSON.parse(line) as unknown[]).length > 0)).toEqual([true, false]);
  });

  it("of a List stay in it, in YAML and in JSON", async () => {
    const list = { apiVersion: "v1", kind: "List", metadata: { resourceVersion: "" }, items: [configMap, podAsking()] };
    const { stdout } = await run(["inject", "-"], { stdin: JSON.stringify(list, null, 2) });
    expect(parse(stdout)).toMatchObject({
      kind: "List",
      metadata: { resourceVersion: "" },
      items: [configMap, { spec: { containers: [{ env: [{}, {}] }] } }],
    });
    const { stdout: again } = await run(["inject", "-"], { stdin: stdout });
    expect(again).toBe(stdout);
    const { stdout: lines } = await run(["inject", "-o", "json", "-"], { stdin: stdout });
    expect(linesOf(lines).map((line) => (JSON.parse(line) as Pod).kind)).toEqual(["ConfigMap", "Pod"]);
  });
});

describe("what is no pod", () => {
  it.each([
    { kind: "Pod", metadata: { name: "x" } },
    { kind: "pod", apiVersion: "v1", metadata: { name: "x" } },
  ])("but nearly one passes with a note that says what a pod has: %j", async (object) => {
    const { exit, stderr } = await run(["inject", "-o", "json", "-"], { stdin: json(object) });
    expect(exit).toBe(0);
    expect(stderr).toMatch(/^note: .* stays as it is, since a pod has `apiVersion: v1` and `kind: Pod`\n$/);
  });

  it("passes through with a note", async () => {
    const { exit, stdout, stderr } = await run(["inject", "-o", "json", "-"], { stdin: json(configMap, deployment) });
    expect({ exit, stdout }).toEqual({ exit: 0, stdout: json(configMap, deployment) });
    expect(linesOf(stderr)).toEqual([
      'note: standard input: ConfigMap "settings" is no pod and stays as it is',
      'note: standard input:2: Deployment "web" is no pod and stays as it is; the webhook changes the pods that it makes',
    ]);
  });

  it("has neither a patch nor a diff", async () => {
    for (const format of ["patch", "diff"])
      expect(await run(["inject", "-o", format, "-"], { stdin: json(deployment) })).toMatchObject({
        exit: 0,
        stdout: "",
      });
  });

  it("is a Pod of another API group too", async () => {
    const other = { apiVersion: "example.com/v1", kind: "Pod", metadata: podAsking().metadata };
    expect(await run(["inject", "-o", "json", "-"], { stdin: json(other) })).toMatchObject({
      exit: 0,
      stdout: json(other),
    });
  });
});

describe("a pod that the webhook would not see", () => {
  it("is changed, with a note that the label is missing", async () => {
    const { metadata, ...pod } = podAsking();
    const unlabelled = { ...pod, metadata: { ...metadata, labels: {} } };
    const { exit, stderr } = await run(["inject", "-"], { stdin: json(unlabelled) });
    expect({ exit, stderr }).toEqual({
      exit: 0,
      stderr:
        'note: standard input: Pod "task" has no label inject-flyte-secrets: "true"; in a cluster the webhook does not see it\n',
    });
  });
});

describe("a refused pod", () => {
  it("is left out, and told; the others still come, and the exit code is 1", async () => {
    const stdin = json(podAsking([], "one"), refusedPod(), podAsking([], "three"));
    for (const format of ["yaml", "json", "patch", "diff"]) {
      const { exit, stdout, stderr } = await run(["inject", "-o", format, "-"], { stdin });
      expect(exit).toBe(1);
      expect(stdout).not.toContain("refused");
      expect(stderr).toMatch(
        /^pod-secrets: standard input:2: Pod "refused" is refused: 1 of 1 secrets cannot be injected: .*E_NOT_INJECTED.* Fix: .*\n$/,
      );
    }
    const { stdout } = await run(["inject", "-o", "json", "-"], { stdin });
    expect(linesOf(stdout)).toHaveLength(2);
  });

  it("is left out of a List of YAML, wherever it stands in it", async () => {
    const items = [refusedPod("a"), podAsking([request()], "b"), refusedPod("c"), configMap, refusedPod("d")];
    const { stdout: list } = await run(["inject", "-"], {
      stdin: JSON.stringify({ apiVersion: "v1", kind: "List", items: [configMap] }),
    });
    const text = list.replace(/items:\n[^]*/, `items:\n${items.map((item) => `- ${JSON.stringify(item)}\n`).join("")}`);
    const { exit, stdout } = await run(["inject", "-"], { stdin: text });
    expect(exit).toBe(1);
    expect((parse(stdout) as { items: Pod[] }).items.map(({ metadata }) => metadata?.name)).toEqual(["b", "settings"]);
  });

  it("does not end a stream of several documents with a stray ---", async () => {
    const { stdout } = await run(["inject", "-"], { stdin: json(refusedPod(), podAsking([], "two"), refusedPod()) });
    expect(stdout).not.toContain("---");
    expect(parse(stdout)).toMatchObject({ metadata: { name: "two" } });
  });
});

describe("what is wrong with the input", () => {
  it.each([
    ["a: 1", "the object has no kind. Fix: Write `apiVersion: v1` and `kind: Pod`."],
    [json({ kind: "AdmissionReview" }), "it is an AdmissionReview, not a pod. Fix: Add --review to `inject`."],
    [json({ apiVersion: "v1", kind: "List", items: [1] }), "entry 0 of the List is no object"],
  ])("is told: %s", async (stdin, message) => {
    const { exit, stdout, stderr } = await run(["inject", "-o", "json", "-"], { stdin });
    expect({ exit, stdout }).toEqual({ exit: 2, stdout: "" });
    expect(stderr).toMatch(/^pod-secrets: E_INPUT: standard input: .+\. Fix: .+\.\n$/);
    expect(stderr).toContain(message);
  });

  it("outranks a refused pod, and the rest still comes", async () => {
    const stdin = json({ apiVersion: "v1" }, refusedPod(), podAsking([], "three"));
    const { exit, stdout } = await run(["inject", "-o", "json", "-"], { stdin });
    expect({ exit, stdout }).toEqual({ exit: 2, stdout: json(podAsking([], "three")) });
  });
});

describe("a pod without the shape of a pod", () => {
  it.each([
    ["containers", { spec: { containers: "none" } }],
    ["spec", { spec: 1 }],
  ])("is refused when it asks for secrets: %s", async (part, misshapen) => {
    const stdin = json({ ...podAsking(), ...misshapen }, podAsking([], "two"));
    const { exit, stdout, stderr } = await run(["inject", "-o", "json", "-"], { stdin });
    expect({ exit, stdout }).toEqual({ exit: 1, stdout: json(podAsking([], "two")) });
    expect(stderr).toMatch(/^pod-secrets: standard input: Pod "task" is refused: E_\w+: .+ Fix: .+\n$/);
    expect(stderr).toContain(part);
  });

  it.each([[{ annotations: { a: 1 } }], [{ labels: "none" }]])(
    "passes as it came when it asks for none: %j",
    async (metadata) => {
      const stdin = json({ ...podAsking([]), metadata });
      expect(await run(["inject", "-o", "json", "-"], { stdin })).toEqual({ exit: 0, stdout: stdin, stderr: "" });
    },
  );
});

describe("the flags", () => {
  it("--profile chooses the Flyte generation", async () => {
    const { stdout } = await run(["inject", "--profile", "flyte-v2", "-o", "patch", "-"], { stdin: json(podAsking()) });
    expect(stdout).toContain("_UNION_USER-INFO_PASSWORD");
  });

  it("--namespace is that of pods which name none", async () => {
    const folder = folderOf({ "config.yaml": "global: {namespaces: [trusted]}\nmanagers: []\n" });
    const pod = podAsking([request({ group: "cli", key: "test" })]);
    const elsewhere = { ...pod, metadata: { ...pod.metadata, namespace: "elsewhere" } };
    process.env["FLYTE_SECRET_CLI_TEST"] = "value";
    try {
      const exits: number[] = [];
      for (const [flags, input] of [
        [[], pod],
        [["-n", "trusted"], pod],
        [["--namespace", "trusted"], elsewhere],
      ] as const) {
        exits.push(
          (await run(["inject", "--config", join(folder, "config.yaml"), ...flags, "-"], { stdin: json(input) })).exit,
        );
      }
      expect(exits).toEqual([1, 0, 1]);
    } finally {
      delete process.env["FLYTE_SECRET_CLI_TEST"];
    }
  });

  it.each(["Bad NS", "-a", "a.b", "a\n", "a".repeat(64)])("--namespace is a DNS label, not %j", async (namespace) => {
    for (const command of ["inject", "explain"]) {
      const { exit, stdout, stderr } = await run([command, `--namespace=${namespace}`, "-"], { stdin: YAML_POD });
      expect({ exit, stdout }).toEqual({ exit: 2, stdout: "" });
      expect(stderr).toMatch(/^pod-secrets: E_USAGE: --namespace cannot be ".*"\. Fix: .+\n$/);
    }
  });

  it("--config takes our format", async () => {
    const folder = folderOf({ "config.yaml": "envPrefix: MY_\nmanagers:\n  - use: k8s\n" });
    const { exit, stdout } = await run(["inject", "-c", join(folder, "config.yaml"), "-o", "patch", "-"], {
      stdin: json(podAsking()),
    });
    expect(exit).toBe(0);
    expect(stdout).toContain('"MY_USER-INFO_PASSWORD"');
  });

  it("--config takes Flyte's YAML", async () => {
    const folder = folderOf({
      "flyte.yaml":
        "webhook:\n  secretManagerType: Vault\n  vaultSecretManager:\n    role: reader\n    kvVersion: '2'\n",
    });
    const vault = podAsking([request({ group: "secret/data/app", mountRequirement: "FILE" })]);
    const { exit, stdout } = await run(["inject", "-c", join(folder, "flyte.yaml"), "-o", "patch", "-"], {
      stdin: json(vault),
    });
    expect(exit).toBe(0);
    expect(stdout).toContain('"value":"reader"');
    expect(stdout).toContain(".Data.data");
  });

  it("--config with mistakes names them all, and ends with 2", async () => {
    const folder = folderOf({ "config.yaml": "profile: flyte-v3\nmanagers:\n  - use: k9s\n" });
    const { exit, stdout, stderr } = await run(["inject", "-c", join(folder, "config.yaml"), "-"], { stdin: YAML_POD });
    expect({ exit, stdout }).toEqual({ exit: 2, stdout: "" });
    expect(linesOf(stderr)).toEqual([
      expect.stringMatching(/config\.yaml:1:10: E_CONFIG_VALUE: .+ Fix: /),
      expect.stringMatching(/config\.yaml:3:10: E_CONFIG_UNKNOWN_MANAGER: .+k8s/),
    ]);
  });

  it("onFailure: admit lets a refused pod through as it is, with a warning", async () => {
    const folder = folderOf({ "config.yaml": "onFailure: admit\nmanagers:\n  - use: k8s\n" });
    const { exit, stdout, stderr } = await run(["inject", "-c", join(folder, "config.yaml"), "-o", "json", "-"], {
      stdin: json(refusedPod()),
    });
    expect({ exit, stdout }).toEqual({ exit: 0, stdout: json(refusedPod()) });
    expect(stderr).toMatch(/^warning: standard input: Pod "refused": the pod starts without its secrets/);
  });
});
