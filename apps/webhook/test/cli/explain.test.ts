import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";

import { podAsking, refusedPod, request } from "./pods.ts";
import { folderOf, linesOf, run } from "./running.ts";

const ALL = ["vault-kv1", "vault-kv2", "vault-db", "k8s", "aws"];
const CONFIG = `managers:\n${ALL.map((use) => `  - use: ${use}\n`).join("")}`.replace(
  "use: vault-kv2\n",
  "use: vault-kv2\n    options: {unversioned: false}\n",
);

async function explain(
  pod: unknown,
  ...flags: readonly string[]
): Promise<{ exit: number; stdout: string; stderr: string }> {
  const folder = folderOf({ "config.yaml": CONFIG, "pod.json": JSON.stringify(pod) });
  const result = await run(["explain", "--config", join(folder, "config.yaml"), ...flags, join(folder, "pod.json")]);
  return { ...result, stdout: result.stdout.replaceAll(`${folder}/`, "") };
}

describe("explain", () => {
  it("says per secret who was asked, what each said, what changed where, and where the task finds it", async () => {
    const { spec, ...pod } = podAsking([
      request(),
      request({ key: "token", mountRequirement: "FILE" }),
      request({ key: "other", mountRequirement: "FILE" }),
    ]);
    const containers = [...(spec?.containers ?? []), { name: "sidecar" }];
    const { exit, stdout } = await explain({ ...pod, spec: { containers } });
    expect(exit).toBe(0);
    await expect(stdout).toMatchFileSnapshot("golden/explain.txt");
  });

  it("says why a pod is refused, and what to do", async () => {
    const { exit, stdout } = await explain(
      podAsking([
        request({ group: "secret/data/app", groupVersion: "kv2" }),
        request({ envVar: "LD_PRELOAD" }),
        request({ group: "secret/data/app", groupVersion: "kv2", mountRequirement: "FILE" }),
      ]),
    );
    expect(exit).toBe(1);
    await expect(stdout).toMatchFileSnapshot("golden/explain-refused.txt");
  });

  it("says of a value that the webhook itself has that it stands in the pod", async () => {
    vi.stubEnv("FLYTE_SECRET_USER-INFO_PASSWORD", "made-up");
    const { stdout } = await explain(podAsking([request()]));
    vi.unstubAllEnvs();

    expect(stdout).toContain(
      "    the task finds it as env var _FSEC_USER-INFO_PASSWORD\n    its value stands in the pod, where whoever may read pods reads it\n",
    );
    expect(stdout).not.toContain("made-up");
  });

  it("claims nothing for a secret that the pod does not get for the sake of another", async () => {
    const pod = podAsking([request(), request({ key: "" })]);
    const folder = folderOf({ "config.yaml": "{ onFailure: admit, managers: [{ use: k8s }] }" });
    const args = ["explain", "--config", join(folder, "config.yaml"), "-"];
    const { exit, stdout } = await run(args, { stdin: JSON.stringify(pod) });
    expect(exit).toBe(0);
    expect(stdout).toContain("k8s     has it, but the pod cannot get all its secrets");
    expect(stdout).not.toContain("the task finds it");
    expect(stdout).not.toContain("env var _FSEC");
    const json = await run([...args.slice(0, -1), "-o", "json", "-"], { stdin: JSON.stringify(pod) });
    const { secrets } = JSON.parse(json.stdout) as { secrets: object[] };
    expect(secrets[0]).toMatchObject({ outcome: "refused", code: "E_WITHDRAWN", changes: [] });
    expect(secrets[0]).not.toHaveProperty("found");
  });

  it("shows also what a secret adds to a container that a later one brought", async () => {
    const arn = { group: "arn:aws:secretsmanager:eu-west-1:1:secret:", key: "db-AbCdEf", mountRequirement: "FILE" };
    const { exit, stdout } = await explain(podAsking([request(), request({ ...arn, mountRequirement: "FILE" })]));
    expect(exit).toBe(0);
    expect(stdout).toMatch(/\+ env var _FSEC_USER-INFO_PASSWORD from .* in container aws-pull-secret-0/);
  });

  it("says which file a secret is that has a name of its own, by the examples", async () => {
    const examples = join(import.meta.dirname, "../../../../examples");
    const { exit, stdout } = await run([
      "explain",
      "--config",
      join(examples, "config/azure.yaml"),
      join(examples, "pods/14-azure-file.yaml"),
    ]);
    expect(exit).toBe(0);
    const files = linesOf(stdout).filter((line) => line.includes("the task finds it"));
    expect(files).toEqual([
      "    the task finds it as file /etc/flyte/secrets/license/0a1b2c3d4e5f60718293a4b5c6d7e8f9",
      "    the task finds it as file /etc/flyte/secrets/hf-token",
    ]);
  });

  it("says what is wrong with an annotation", async () => {
    const pod = { ...podAsking(), metadata: { annotations: { "flyte.secrets/s0": "!" } } };
    const { exit, stdout } = await explain(pod);
    expect(exit).toBe(1);
    expect(stdout).toMatch(/The pod is refused: E_ANNOTATION: .+ Fix: /);
  });

  it("says that there is nothing to do", async () => {
    expect((await explain(podAsking([]))).stdout).toContain(
      "The pod starts as it is: it asks for no secret, having no annotation flyte.secrets/s0.",
    );
    const { stdout: injected } = await run(["inject", "-o", "json", "-"], { stdin: JSON.stringify(podAsking()) });
    const { stdout } = await explain(JSON.parse(injected));
    expect(stdout).toContain("k8s        has it, and the pod has it already");
    expect(stdout).toContain("The pod starts as it is: it has what it asks for.");
  });

  it("gives the record as JSON, one object per line and pod", async () => {
    const { stdout } = await explain(podAsking(), "-o", "json");
    expect(linesOf(stdout).map((line) => JSON.parse(line) as unknown)).toEqual([
      {
        source: "pod.json",
        pod: "task",
        namespace: "default",
        outcome: "changed",
        warnings: [],
        secrets: [
          {
            outcome: "injected",
            injector: "k8s",
            request: expect.objectContaining({ source: "flyte.secrets/s0", group: "user-info", key: "password" }),
            answers: [
              expect.objectContaining({ injector: "global", outcome: "skipped" }),
              ...["vault-kv1", "vault-kv2", "vault-db"].map((injector) =>
                expect.objectContaining({ injector, outcome: "skipped" }),
              ),
              { injector: "k8s", outcome: "injected" },
            ],
            warnings: [],
            changes: [
              {
                kind: "env",
                name: "_FSEC_USER-INFO_PASSWORD",
                from: "Secret user-info key password",
                replaces: false,
                containers: ["main"],
              },
              { kind: "env", name: "FLYTE_SECRETS_ENV_PREFIX", replaces: false, containers: ["main"] },
            ],
            found: { as: "env", name: "_FSEC_USER-INFO_PASSWORD", secret: "user-info" },
          },
        ],
      },
    ]);
  });

  it("has the refusal in the record of a refused pod", async () => {
    const { stdout } = await explain(refusedPod(), "-o", "json");
    const record = JSON.parse(stdout) as { secrets: object[] };
    expect(record).toMatchObject({ outcome: "refused", message: expect.stringContaining("E_NOT_INJECTED") });
    expect(record.secrets).toMatchObject([{ outcome: "refused", code: "E_NOT_INJECTED", changes: [] }]);
    expect(record.secrets[0]).not.toHaveProperty("found");
  });

  it("takes the namespace from the pod, from --namespace, or default", async () => {
    const { metadata, ...pod } = podAsking();
    const named = { ...pod, metadata: { ...metadata, namespace: "own" } };
    expect((await explain(named, "--namespace", "given")).stdout).toContain("in namespace own");
    expect((await explain(podAsking(), "--namespace", "given")).stdout).toContain("in namespace given");
    expect((await explain(podAsking())).stdout).toContain("in namespace default");
  });

  it("shows what a profile changes", async () => {
    const pod = podAsking([request({ group: "" })]);
    expect((await explain(pod)).exit).toBe(1);
    const { exit, stdout } = await explain(pod, "--profile", "flyte-v2");
    expect(exit).toBe(0);
    expect(stdout).toContain("env var _UNION_5F4DCC3B5AA765D61D8327DEB882CF99_PASSWORD");
  });

  it("names the first few containers, and counts when there are many", async () => {
    const { spec, ...pod } = podAsking();
    const containers = Array.from({ length: 9 }, (_, index) => ({ ...spec?.containers[0], name: `c${index}` }));
    expect((await explain({ ...pod, spec: { containers } })).stdout).toContain("in 9 containers");
    expect((await explain({ ...pod, spec: { containers: containers.slice(0, 3) } })).stdout).toContain(
      "in containers c0, c1, c2",
    );
  });

  it("quotes an annotation key that could forge a line of the terminal", async () => {
    const { metadata, ...pod } = podAsking();
    const [value = ""] = Object.values(metadata?.annotations ?? {});
    const { stdout } = await explain({ ...pod, metadata: { annotations: { "flyte.secrets/s0\n\u001b[8m": value } } });
    expect(stdout).not.toContain("\u001b");
    expect(stdout).toContain('["flyte.secrets/s0\\n');
  });

  it("takes null for what a volume does not have", async () => {
    const { spec, ...pod } = podAsking([request({ mountRequirement: "FILE" })]);
    const containers = [
      { ...spec?.containers[0], volumeMounts: null },
      { name: "x", volumeMounts: [{ name: "v", mountPath: "/" }] },
    ];
    const { exit } = await explain({
      ...pod,
      spec: { containers, volumes: [{ name: "v", emptyDir: {}, secret: null }] },
    });
    expect(exit).toBeLessThan(2);
  });

  it("quotes names that could forge a line of the terminal", async () => {
    const { spec, ...pod } = podAsking();
    const containers = [{ ...spec?.containers[0], name: "a\n\u001b[2Jb" }];
    const { stdout } = await explain({ ...pod, spec: { containers } });
    expect(stdout).not.toContain("\u001b");
    expect(stdout).toContain('in container "a\\n');
  });

  it("never shows the value of a global secret", async () => {
    const canary = `canary-${Math.random().toString(36).slice(2)}`;
    process.env["FLYTE_SECRET_CLI_CANARY"] = canary;
    try {
      for (const profile of ["flyte-v1", "flyte-v2"]) {
        for (const format of ["text", "json"]) {
          const pod = podAsking([request({ group: "cli", key: "canary", envVar: "OWN" })]);
          const { exit, stdout, stderr } = await explain(pod, "-o", format, "--profile", profile);
          expect(exit).toBe(0);
          expect(stdout).toContain("OWN");
          expect(stdout + stderr).not.toContain(canary);
        }
      }
    } finally {
      delete process.env["FLYTE_SECRET_CLI_CANARY"];
    }
  });

  it("tells what it does not look at", async () => {
    const { exit, stdout, stderr } = await explain({
      apiVersion: "batch/v1",
      kind: "Job",
      metadata: { name: "job" },
      spec: { template: {} },
    });
    expect({ exit, stdout }).toEqual({ exit: 0, stdout: "" });
    expect(stderr).toMatch(/Job "job" is no pod and stays as it is; the webhook changes the pods that it makes\n/);
  });

  it("says of an empty List that there is nothing to explain", async () => {
    const { exit, stdout, stderr } = await explain({ apiVersion: "v1", kind: "List", items: [] });
    expect([exit, stdout]).toEqual([0, ""]);
    expect(stderr).toMatch(/^note: .*pod\.json: the List is empty, so there is nothing to explain\n$/m);
  });

  it("says of a pod without containers that no secret can be used in it", async () => {
    const { stderr } = await explain({ ...podAsking(), spec: { containers: [] } });
    expect(stderr).toMatch(/^note: .* has no container that could use a secret; a cluster refuses such a pod\n$/m);
  });
});
