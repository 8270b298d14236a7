/** The service account of a pod: which server, which CA, and which token at which time. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test, vi } from "vitest";

import { makeSelfSigned } from "../../src/certificates/self-signed.ts";
import { createRest } from "../../src/kubernetes/rest.ts";
import { serviceAccountCredentials } from "../../src/kubernetes/service-account.ts";
import { json, startDouble, type ApiDouble } from "./api-double.ts";

const IN_POD = { KUBERNETES_SERVICE_HOST: "127.0.0.1", KUBERNETES_SERVICE_PORT: "6443" };
const { signal } = new AbortController();

interface MountedFiles {
  readonly directory: string;
  write(file: "token" | "ca.crt", content: string): void;
  remove(file: "token" | "ca.crt"): void;
}

/** What the kubelet mounts: a token `first`, and a CA. */
async function mounted(ca?: string): Promise<MountedFiles> {
  const directory = mkdtempSync(join(tmpdir(), "pod-secrets-service-account-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const write: MountedFiles["write"] = (file, content) => writeFileSync(join(directory, file), content);
  write("token", "first\n");
  write("ca.crt", ca ?? (await makeSelfSigned(Date.now())).ca);
  return { directory, write, remove: (file) => rmSync(join(directory, file)) };
}

interface Pod {
  readonly files: MountedFiles;
  readonly call: () => Promise<unknown>;
}

async function podBeside({ port, ca }: ApiDouble): Promise<Pod> {
  const files = await mounted(ca);
  const environment = { ...IN_POD, KUBERNETES_SERVICE_PORT: String(port) };
  const load = () => serviceAccountCredentials({ directory: files.directory, environment });
  const rest = createRest(await load(), load, 5000);
  return { files, call: () => rest.exchange({ method: "GET", path: "/version", signal }) };
}

const tokensOf = ({ asked }: ApiDouble): readonly unknown[] => asked.map(({ headers }) => headers.authorization);

/** Time goes on only when a test says so. */
function stoppedClock(): void {
  vi.useFakeTimers({ toFake: ["performance"] });
  onTestFinished(() => void vi.useRealTimers());
}

describe("the token", () => {
  const answering = () => startDouble((_, response) => json(response, 200, {}));
  test("goes along with each call, to a server of the mounted CA", async () => {
    const double = await answering();
    const { call } = await podBeside(double);
    await call();
    expect(tokensOf(double)).toEqual(["Bearer first"]);
  });
  test("is read anew after a minute, and not before", async () => {
    stoppedClock();
    const double = await answering();
    const { files, call } = await podBeside(double);
    files.write("token", "second");
    vi.advanceTimersByTime(59_999);
    await call();
    vi.advanceTimersByTime(1);
    await call();
    expect(tokensOf(double)).toEqual(["Bearer first", "Bearer second"]);
  });
  test("is read anew at once when it is refused", async () => {
    stoppedClock();
    const double = await startDouble(({ headers }, response) =>
      json(response, headers.authorization === "Bearer second" ? 200 : 401, {}),
    );
    const { files, call } = await podBeside(double);
    files.write("token", "second");
    await expect(call()).rejects.toMatchObject({ failure: "unauthorized", status: 401 });
    await call();
    expect(tokensOf(double)).toEqual(["Bearer first", "Bearer second"]);
  });
  test.each<[string, (files: MountedFiles) => void]>([
    ["is gone", (files) => files.remove("token")],
    ["is empty", (files) => files.write("token", "")],
  ])("is used on while its file %s", async (_, harm) => {
    stoppedClock();
    const double = await answering();
    const { files, call } = await podBeside(double);
    harm(files);
    vi.advanceTimersByTime(60_000);
    await call();
    files.write("token", "second");
    vi.advanceTimersByTime(60_000);
    await call();
    expect(tokensOf(double)).toEqual(["Bearer first", "Bearer second"]);
  });
});

test("a server of another CA is not trusted, and is sent nothing, until its CA is mounted", async () => {
  const double = await startDouble((_, response) => json(response, 200, {}));
  const { ca } = await makeSelfSigned(Date.now());
  const { files, call } = await podBeside({ ...double, ca });
  await expect(call()).rejects.toMatchObject({ failure: "untrusted" });
  expect(double.asked).toEqual([]);
  files.write("ca.crt", double.ca);
  await call();
  expect(double.asked).toHaveLength(1);
});

describe("the server", () => {
  test.each([
    ["10.96.0.1", "443", "https://10.96.0.1/"],
    ["kubernetes.default.svc", "6443", "https://kubernetes.default.svc:6443/"],
    ["fd00:10:96::1", "6443", "https://[fd00:10:96::1]:6443/"],
  ])("of host %s and port %s is %s", async (host, port, href) => {
    const { directory } = await mounted();
    const environment = { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port };
    expect((await serviceAccountCredentials({ directory, environment })).server.href).toBe(href);
  });
  test.each([
    ["a user", "kubernetes@example.com", "443"],
    ["a path", "example.com/kubernetes", "443"],
    ["a query", "example.com?", "443"],
    ["a scheme", "http://10.96.0.1", "443"],
    ["a port that is none", "10.96.0.1", "tcp://10.96.0.1:443"],
    ["a port with a path", "10.96.0.1", "443/x"],
  ])("cannot be one with %s", async (_, host, port) => {
    const { directory } = await mounted();
    const environment = { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port };
    await expect(serviceAccountCredentials({ directory, environment })).rejects.toMatchObject({
      code: "E_KUBECONFIG",
      message: "KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are no host and port",
    });
  });
  test.each([["KUBERNETES_SERVICE_HOST"], ["KUBERNETES_SERVICE_PORT"]])("needs %s", async (name) => {
    const { directory } = await mounted();
    await expect(
      serviceAccountCredentials({ directory, environment: { ...IN_POD, [name]: "" } }),
    ).rejects.toMatchObject({ code: "E_KUBECONFIG", message: expect.stringContaining("this is no pod") });
  });
});

describe("files that cannot be used", () => {
  test.each<[string, string, (files: MountedFiles) => void]>([
    ["a token that is not mounted", "token cannot be read", (files) => files.remove("token")],
    ["a CA that is not mounted", "ca.crt cannot be read", (files) => files.remove("ca.crt")],
    ["an empty token", "token holds no token", (files) => files.write("token", "\n")],
    ["a token of two lines", "token holds no token", (files) => files.write("token", "a\r\nX-Remote-User: b")],
    // With an empty CA, Node would trust those of the web.
    ["an empty CA", "ca.crt holds no certificate", (files) => files.write("ca.crt", "")],
    ["a CA that is none", "ca.crt holds no certificate", (files) => files.write("ca.crt", "first")],
  ])("%s", async (_, problem, harm) => {
    const files = await mounted();
    harm(files);
    const { directory } = files;
    await expect(serviceAccountCredentials({ directory, environment: IN_POD })).rejects.toMatchObject({
      code: "E_KUBECONFIG",
      message: `${directory}/${problem}`,
    });
  });
});
