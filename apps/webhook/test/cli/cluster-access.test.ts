/** Which API server `unregister` and `init-certs` ask, and by which credentials. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test, vi } from "vitest";

import { json, kubeconfigOf, startDouble, type ApiDouble } from "../kubernetes/api-double.ts";
import { folderOf, run, type Finished } from "./running.ts";

const NAMES = ["flag", "configuration", "environment", "home"] as const;
type Name = (typeof NAMES)[number];

/** A kubeconfig for each way, each with a token of its own, and the API server that they are for. */
interface Ways {
  readonly folder: string;
  readonly double: ApiDouble;
  readonly file: (name: Name) => string;
}

async function ways(present: readonly Name[] = NAMES): Promise<Ways> {
  const double = await startDouble((_, response) =>
    json(response, 404, { reason: "NotFound", details: { kind: "mutatingwebhookconfigurations", name: "x" } }),
  );
  const server = `https://127.0.0.1:${double.port}`;
  const text = (token: string): string => kubeconfigOf({ server, ca: double.ca, user: { token }, namespace: "flyte" });
  const folder = folderOf({
    "config.yaml": "kubernetes: { kubeconfig: ./configuration.kubeconfig }\n",
    "bare.yaml": "profile: flyte-v1\n",
    ...Object.fromEntries(NAMES.map((name) => [`${name}.kubeconfig`, text(name)])),
  });
  const file = (name: Name): string => join(folder, `${name}.kubeconfig`);
  vi.stubEnv("HOME", folder);
  if (present.includes("home")) {
    mkdirSync(join(folder, ".kube"));
    writeFileSync(join(folder, ".kube", "config"), text("home"));
  }
  if (present.includes("environment")) vi.stubEnv("KUBECONFIG", file("environment"));
  return { folder, double, file };
}

beforeEach(() => {
  for (const name of ["KUBECONFIG", "KUBERNETES_SERVICE_HOST", "KUBERNETES_SERVICE_PORT", "POD_NAMESPACE"])
    vi.stubEnv(name, undefined);
  return () => vi.unstubAllEnvs();
});

function unregister(
  folder: string,
  config: "config.yaml" | "bare.yaml",
  ...flags: readonly string[]
): Promise<Finished> {
  return run(["unregister", "--config", join(folder, config), "--wait", "0", ...flags]);
}

const askedBy = ({ asked }: ApiDouble): readonly unknown[] => asked.map(({ headers }) => headers.authorization);

describe("the way to the API server is", () => {
  test("that of --kubeconfig, before all others", async () => {
    const { folder, double, file } = await ways();
    expect(await unregister(folder, "config.yaml", "--kubeconfig", file("flag"))).toEqual({
      exit: 0,
      stdout: "",
      stderr: "MutatingWebhookConfiguration flyte-pod-webhook: not there\n",
    });
    expect(askedBy(double)).toEqual(["Bearer flag"]);
  });
  test("else that of the configuration", async () => {
    const { folder, double } = await ways();
    expect((await unregister(folder, "config.yaml")).exit).toBe(0);
    expect(askedBy(double)).toEqual(["Bearer configuration"]);
  });
  test("else that of KUBECONFIG, which is said", async () => {
    const { folder, double, file } = await ways();
    const { stderr } = await unregister(folder, "bare.yaml");
    expect(stderr.split("\n")[0]).toBe(`using "${file("environment")}": API server https://127.0.0.1:${double.port}`);
    expect(askedBy(double)).toEqual(["Bearer environment"]);
  });
  test("else, in a pod, that of its service account", async () => {
    const { folder, double } = await ways(["home"]);
    vi.stubEnv("KUBERNETES_SERVICE_HOST", "127.0.0.1");
    vi.stubEnv("KUBERNETES_SERVICE_PORT", "1");
    expect(await unregister(folder, "bare.yaml")).toMatchObject({
      exit: 5,
      stderr: expect.stringMatching(/^pod-secrets: E_KUBECONFIG: .*serviceaccount\/token/),
    });
    expect(double.asked).toEqual([]);
  });
  test("else that of ~/.kube/config, which is said", async () => {
    const { folder, double } = await ways(["home"]);
    expect((await unregister(folder, "bare.yaml")).stderr).toMatch(/^using ".*\/\.kube\/config": API server /);
    expect(askedBy(double)).toEqual(["Bearer home"]);
  });
  test("nowhere: that is one line with a fix, and no word of `serve`", async () => {
    const { folder } = await ways([]);
    expect(await unregister(folder, "bare.yaml")).toEqual({
      exit: 5,
      stdout: "",
      stderr:
        `pod-secrets: E_KUBECONFIG: there is no way to the API server: KUBECONFIG is not set, "${folder}/.kube/config" is not there, ` +
        "and this is no pod. Fix: Give --kubeconfig FILE.\n",
    });
  });
});

describe("KUBECONFIG with several files", () => {
  test("is the one that is there", async () => {
    const { folder, double, file } = await ways([]);
    vi.stubEnv("KUBECONFIG", `/no/such/file:${file("environment")}`);
    expect((await unregister(folder, "bare.yaml")).exit).toBe(0);
    expect(askedBy(double)).toEqual(["Bearer environment"]);
  });
  test("that are there is all of them, as for kubectl: of what several say, the first counts", async () => {
    const { folder, double, file } = await ways([]);
    vi.stubEnv("KUBECONFIG", `${file("flag")}:/no/such/file:${file("environment")}`);
    const { exit, stderr } = await unregister(folder, "bare.yaml");
    expect({ exit, stderr }).toMatchObject({
      exit: 0,
      stderr: expect.stringContaining(`using "${file("flag")}" and "${file("environment")}": API server https://`),
    });
    expect(askedBy(double)).toEqual(["Bearer flag"]);
  });
  test("one of which is none names that", async () => {
    const { folder, file } = await ways([]);
    vi.stubEnv("KUBECONFIG", `${file("flag")}:${import.meta.filename}`);
    expect(await unregister(folder, "bare.yaml")).toMatchObject({
      exit: 5,
      stderr: expect.stringMatching(
        /E_KUBECONFIG: ".*cluster-access\.test\.ts" is no kubeconfig\. Fix: Correct that file \(KUBECONFIG\)/,
      ),
    });
  });
  test("none of which is there is one line", async () => {
    const { folder } = await ways([]);
    vi.stubEnv("KUBECONFIG", "/no/such/file:/nor/this/one");
    expect(await unregister(folder, "bare.yaml")).toMatchObject({
      exit: 5,
      stderr: expect.stringMatching(/E_KUBECONFIG: "\/no\/such\/file" cannot be read \(ENOENT\)\. Fix: /),
    });
  });
});

test.each([
  ["that is not there", "/no/such/file", /"\/no\/such\/file" cannot be read \(ENOENT\)/],
  ["that is none", import.meta.filename, /cluster-access\.test\.ts" (is no kubeconfig|has no)/],
])("a kubeconfig %s is told of by the flag that names it", async (_, file, told) => {
  const { folder } = await ways();
  const { exit, stderr } = await unregister(folder, "config.yaml", "--kubeconfig", file);
  expect(exit).toBe(5);
  expect(stderr).toMatch(told);
  expect(stderr).toMatch(/\. Fix: Correct that file \(--kubeconfig\), or name another one as --kubeconfig\.\n$/);
});

test("a namespace that cannot be one is refused before anybody is asked", async () => {
  const { folder, double } = await ways();
  expect(await unregister(folder, "config.yaml", "--namespace", "a/b")).toMatchObject({ exit: 2 });
  expect(double.asked).toEqual([]);
});
