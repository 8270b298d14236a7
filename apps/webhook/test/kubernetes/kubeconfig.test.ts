/** A kubeconfig or a service account that cannot be used: one line that says why, and how to mend it. */
import { describe, expect, onTestFinished, test, vi } from "vitest";

import { openKubernetes } from "../../src/kubernetes/open-client.ts";
import { kubeconfigFile, kubeconfigOf } from "./api-double.ts";

const { signal } = new AbortController();
const USABLE = { server: "https://127.0.0.1:6443", ca: "x" };

function withoutPod(): void {
  for (const name of ["KUBERNETES_SERVICE_HOST", "KUBERNETES_SERVICE_PORT", "POD_NAMESPACE"])
    vi.stubEnv(name, undefined);
  onTestFinished(() => void vi.unstubAllEnvs());
}

describe("a kubeconfig that cannot be used", () => {
  test.each<[string, string, RegExp]>([
    ["no YAML", "a: [", /is no kubeconfig$/],
    ["empty", "", /is no kubeconfig$/],
    ["a text", "hello", /has no current context that names a cluster$/],
    ["without a context", kubeconfigOf(USABLE).replace('"current-context":"x"', '"k":1'), /has no current context/],
    ["of an unknown cluster", kubeconfigOf(USABLE).replace('"cluster":"c"', '"cluster":"d"'), /has no current context/],
    ["of an unknown user", kubeconfigOf(USABLE).replace('"user":"u"', '"user":"w"'), /has no user of the name/],
    ["for plain HTTP", kubeconfigOf({ ...USABLE, server: "http://127.0.0.1:1" }), /is no https:\/\/ address$/],
    ["for no address", kubeconfigOf({ ...USABLE, server: "https://" }), /is no https:\/\/ address$/],
  ])("%s", async (_, text, message) => {
    const opening = openKubernetes({ kubeconfig: kubeconfigFile(text), signal });
    await expect(opening).rejects.toMatchObject({ code: "E_KUBECONFIG", message: expect.stringMatching(message) });
  });
  test("missing", async () => {
    const opening = openKubernetes({ kubeconfig: "/no/such/file", signal });
    await expect(opening).rejects.toMatchObject({
      code: "E_KUBECONFIG",
      message: '"/no/such/file" cannot be read (ENOENT)',
    });
  });
  test("none, outside of a pod", async () => {
    withoutPod();
    await expect(openKubernetes({ signal })).rejects.toMatchObject({
      code: "E_KUBECONFIG",
      message: expect.stringContaining("this is no pod"),
    });
  });
});

/** What kubectl 1.36 makes of the same files (`kubectl config view`). */
describe("several kubeconfigs are read as one:", () => {
  const open = (...texts: readonly string[]) =>
    openKubernetes({ kubeconfig: texts.map((text) => kubeconfigFile(text)), signal });
  const cluster = (server: string) => ({ clusters: [{ name: "c", cluster: { server } }] });
  const user = { users: [{ name: "u", user: { token: "t" } }] };
  const context = (name: string, namespace: string) => ({
    contexts: [{ name, context: { cluster: "c", user: "u", namespace } }],
  });

  test("each may have a part", async () => {
    withoutPod();
    const parts = [cluster("https://a.example"), user, context("x", "of-context"), { "current-context": "x" }];
    expect(await open(...parts.map((part) => JSON.stringify(part)))).toMatchObject({
      server: "https://a.example",
      namespace: "of-context",
    });
  });
  test("the first counts that has an entry of a name, or a current context", async () => {
    withoutPod();
    const first = { ...user, ...cluster("https://a.example"), ...context("x", "first") };
    const second = { ...cluster("https://b.example"), ...context("x", "second"), "current-context": "x" };
    const third = { ...context("z", "third"), "current-context": "z" };
    expect(await open(...[first, second, third].map((part) => JSON.stringify(part)))).toMatchObject({
      server: "https://a.example",
      namespace: "first",
    });
  });
  test("an empty one says nothing", async () => {
    expect((await open("", kubeconfigOf(USABLE))).server).toBe("https://127.0.0.1:6443");
  });
  test("one that is none is refused", async () => {
    await expect(open(kubeconfigOf(USABLE), "a: [")).rejects.toMatchObject({
      code: "E_KUBECONFIG",
      message: expect.stringMatching(/^"[^"]*" is no kubeconfig$/),
    });
  });
  test("without a current context in any, all are named", async () => {
    await expect(open(JSON.stringify(user), JSON.stringify(user))).rejects.toMatchObject({
      message: expect.stringMatching(/^"[^"]*" and "[^"]*" have no current context that names a cluster$/),
    });
  });
});

describe("the namespace", () => {
  const open = (namespace?: string) =>
    openKubernetes({
      kubeconfig: kubeconfigFile(kubeconfigOf({ ...USABLE, namespace: "of-context" })),
      namespace,
      signal,
    });
  test("is that of the settings", async () => {
    withoutPod();
    vi.stubEnv("POD_NAMESPACE", "of-pod");
    expect((await open("of-settings")).namespace).toBe("of-settings");
  });
  test("else that of the pod", async () => {
    withoutPod();
    vi.stubEnv("POD_NAMESPACE", "of-pod");
    expect((await open()).namespace).toBe("of-pod");
  });
  test("else that of the kubeconfig's context", async () => {
    withoutPod();
    expect((await open()).namespace).toBe("of-context");
  });
  test("else default", async () => {
    withoutPod();
    expect((await openKubernetes({ kubeconfig: kubeconfigFile(kubeconfigOf(USABLE)), signal })).namespace).toBe(
      "default",
    );
  });
});
