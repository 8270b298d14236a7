/** `pod-secrets init-certs --directory`, as it is run without a cluster. */
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test, vi } from "vitest";

import { folderOf, run, type Finished } from "./running.ts";

beforeEach(() => {
  vi.stubEnv("POD_NAMESPACE", undefined);
  return () => vi.unstubAllEnvs();
});

const initCerts = (...flags: readonly string[]): Promise<Finished> => run(["init-certs", ...flags]);

const NAMES = "flyte-pod-webhook, flyte-pod-webhook.secrets, flyte-pod-webhook.secrets.svc";

describe("the namespace", () => {
  test("is asked for where none is known, and nothing is written", async () => {
    const folder = folderOf({});
    expect(await initCerts("--directory", folder)).toMatchObject({
      exit: 2,
      stderr: "pod-secrets: E_USAGE: the namespace of the webhook is not known. Fix: Give --namespace.\n",
    });
    expect(readdirSync(folder)).toEqual([]);
  });
  test("is that of --namespace, else of the configuration, else of POD_NAMESPACE", async () => {
    const folder = folderOf({ "config.yaml": "kubernetes: { namespace: configured }\n" });
    const config = ["--config", join(folder, "config.yaml")];
    const namesIn = async (directory: string, ...flags: readonly string[]): Promise<string> =>
      (await initCerts("--directory", join(folder, directory), ...flags)).stderr;
    vi.stubEnv("POD_NAMESPACE", "of-the-pod");
    expect(await namesIn("a", "--namespace", "given", ...config)).toContain("flyte-pod-webhook.given.svc");
    expect(await namesIn("b", ...config)).toContain("flyte-pod-webhook.configured.svc");
    expect(await namesIn("c")).toContain("flyte-pod-webhook.of-the-pod.svc");
  });
});

test("a certificate is told of with its names, made and kept", async () => {
  const directory = join(folderOf({}), "certs");
  const flags = ["--directory", directory, "--namespace", "secrets"];
  const { exit, stderr } = await initCerts(...flags);
  expect(exit).toBe(0);
  expect(stderr).toMatch(/^".*certs": made, for [^:]*, valid until 20[^ ]+Z: there was none\n$/);
  expect(stderr).toContain(`for ${NAMES}, valid`);
  expect((await initCerts(...flags)).stderr).toMatch(
    new RegExp(`^".*certs": kept, for ${NAMES}, valid until 20\\S+Z\\n$`),
  );
});

test("what cannot be served is kept beside what takes its place, however often that happens", async () => {
  const directory = folderOf({ "tls.key": "the only copy", "ca.crt": "of a CA" });
  const flags = ["--directory", directory, "--namespace", "secrets"];
  const { stderr } = await initCerts(...flags);
  expect(stderr).toMatch(
    /: what was there cannot be served: "\S+tls\.crt" cannot be read \(ENOENT\); what was there is kept as ca\.crt\.\d{8}T\d{6}Z, tls\.key\.\d{8}T\d{6}Z\n$/,
  );
  await initCerts(...flags, "--force");
  writeFileSync(join(directory, "tls.key"), "another one");
  await initCerts(...flags);
  const copies = readdirSync(directory).filter((name) => name.startsWith("tls.key."));
  expect(copies).toHaveLength(3);
  const texts = copies.map((name) => readFileSync(join(directory, name), "utf8"));
  expect(texts).toEqual(expect.arrayContaining(["the only copy", "another one"]));
  expect(statSync(join(directory, "tls.key")).mode & 0o777).toBe(0o600);
});

test.each(["/proc/x", "/proc/x/y/z", "/dev/null/x"])(
  "a directory that cannot be made (%s) is an error, and no endless loop",
  async (path) => {
    expect(await initCerts("--directory", path, "--namespace", "secrets")).toMatchObject({
      exit: 3,
      stderr: expect.stringMatching(
        /^pod-secrets: E_CERTIFICATE: the certificate cannot be written to "\S+" \(E[A-Z]+\)\. Fix: /,
      ),
    });
  },
);

test("--directory asks no API server: a kubeconfig beside it is a mistake", async () => {
  const flags = ["--directory", "certs", "--namespace", "secrets", "--kubeconfig", "file"];
  expect(await initCerts(...flags)).toMatchObject({ exit: 2, stderr: expect.stringContaining("E_USAGE") });
});
