/**
 * An injector of somebody else, as they get it and as their users do: packed, installed from the tarballs into
 * folders outside of this repository, type-checked, built, tested, and named in a config file.
 */
import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { encodeRequests, type Pod, type SecretRequest } from "@pod-secrets/core";
import {
  secretRequests,
  testContainer,
  testPod,
  withRequests,
  type RequestFields,
} from "@pod-secrets/injector-testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";

import { builtCommand, runBuilt } from "./cli/built-command.ts";

const root = join(import.meta.dirname, "..", "..", "..");
const example = join(root, "examples", "third-party-injector");
/** Packing, two installations and a build, on a machine that does other things too. */
const PATIENCE = 300_000;

const command = builtCommand();
let folder = "";

beforeAll(async () => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "pod-secrets-third-party-")));
  await run(root, "turbo", "run", "build", "--filter=@pod-secrets/injector-testkit...", "--output-logs=errors-only");
  await pack(join(root, "packages", "core"), "core");
  await pack(join(root, "packages", "injector-testkit"), "testkit");
  await installAuthor();
  await run(join(folder, "author"), "pnpm", "run", "build");
  await pack(join(folder, "author"), "acme");
  await installUser();
}, PATIENCE);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the author of an injector", () => {
  test("has copies of our packages, and no link into this repository", () => {
    for (const name of ["core", "injector-testkit"]) {
      const installed = realpathSync(join(folder, "author", "node_modules", "@pod-secrets", name));
      expect(installed.startsWith(folder)).toBe(true);
    }
  });

  test("type-checks injector and tests against our declarations", { timeout: PATIENCE }, async () => {
    await expect(run(join(folder, "author"), "pnpm", "run", "check")).resolves.not.toMatch(/error/);
  });

  test("runs the conformance suite", { timeout: PATIENCE }, async () => {
    const report = join(folder, "report.json");
    // A failed test ends it with a code of its own: the report says more.
    await run(join(folder, "author"), "pnpm", "run", "test", "--reporter=json", `--outputFile=${report}`).catch(
      () => {},
    );
    const { numPassedTests, testResults } = JSON.parse(readFileSync(report, "utf8")) as TestReport;
    const failed = testResults
      .flatMap(({ assertionResults }) => assertionResults)
      .filter(({ status }) => status === "failed");
    expect(failed).toEqual([]);
    expect(numPassedTests).toBeGreaterThan(40);
  });
});

describe("the user of the injector", () => {
  test("names the package in the config file, and its pods get their secrets", async () => {
    const { exit, stdout, stderr } = await inject(join(example, "example", "pod.yaml"));
    expect({ exit, stderr: stderr.includes("E_") }).toEqual({ exit: 0, stderr: false });
    const { spec } = JSON.parse(stdout) as Pod;
    const [volume] = spec?.volumes ?? [];
    expect(volume).toMatchObject({ csi: { volumeAttributes: { secretProviderClass: "app-secrets" } } });
    expect(spec?.containers[0]).toMatchObject({
      volumeMounts: [{ name: volume?.name, readOnly: true, mountPath: "/etc/flyte/secrets/app-secrets" }],
      env: [
        { name: "FLYTE_SECRETS_DEFAULT_DIR", value: "/etc/flyte/secrets" },
        { name: "FLYTE_SECRETS_FILE_PREFIX" },
        { name: "_FSEC_USER-INFO_TOKEN", valueFrom: { secretKeyRef: { name: "user-info", key: "token" } } },
        { name: "FLYTE_SECRETS_ENV_PREFIX", value: "_FSEC_" },
      ],
    });
  });

  test("reads in a refusal the injector's own code and fix", async () => {
    const { exit, stderr } = await injectPod([{ group: "app-secrets", groupVersion: "3", key: "password" }]);
    expect(exit).toBe(1);
    expect(stderr).toContain('csi/no-versions: group "app-secrets" version "3" key "password"');
    expect(stderr).toContain("Fix: Leave the version out, and set objectVersion in the class.");
  });

  // The injector brings a core of its own: its errors are of another class than the webhook's.
  test("reads in a refusal what the injector's copy of core has thrown", async () => {
    const mount = { name: "mine", mountPath: "/etc/flyte/secrets/app-secrets" };
    const pod = testPod({
      volumes: [{ name: "mine", emptyDir: {} }],
      containers: [testContainer({ volumeMounts: [mount] })],
    });
    const { exit, stderr } = await injectPod([{ group: "app-secrets", key: "password" }], pod);
    expect(exit).toBe(1);
    expect(stderr).toContain("E_MOUNT_CONFLICT");
    expect(stderr).not.toContain("E_INJECTOR_FAILED");
  });

  test("reads what is wrong with the options, and where", async () => {
    const config = join(folder, "user", "wrong.yaml");
    writeFileSync(config, 'managers:\n  - use: "@acme/injector-csi"\n    options: { clases: [app-secrets] }\n');
    const { exit, stdout } = await runBuilt(command().program, ["validate", config]);
    expect(exit).toBe(2);
    expect(stdout).toMatch(/wrong\.yaml:3:\d+.*"clases"/);
  });
});

test("the example's annotations say what its comment says", () => {
  const text = readFileSync(join(example, "example", "pod.yaml"), "utf8");
  const pod = parse(text) as Pod;
  const requests: readonly SecretRequest[] = secretRequests([
    { group: "app-secrets", key: "password", mountRequirement: "FILE" },
    { group: "user-info", key: "token", mountRequirement: "ENV_VAR" },
  ]);
  expect(pod.metadata?.annotations).toEqual(encodeRequests(requests));
});

interface TestReport {
  readonly numPassedTests: number;
  readonly testResults: readonly { readonly assertionResults: readonly { readonly status: string }[] }[];
}

async function pack(packageFolder: string, name: string): Promise<void> {
  await run(packageFolder, "pnpm", "pack", "--out", tarball(name));
}

function tarball(name: string): string {
  return join(folder, `${name}.tgz`);
}

/** The example as its author has it: a folder that knows nothing of this repository. */
async function installAuthor(): Promise<void> {
  const author = join(folder, "author");
  cpSync(example, author, { recursive: true, filter: (source) => !/\/(node_modules|dist)$/.test(source) });
  await install(author);
}

/** Who runs the webhook: the package beside the config file, and nothing else. */
async function installUser(): Promise<void> {
  const user = join(folder, "user");
  mkdirSync(user);
  const dependencies = { "@acme/injector-csi": "*", "@pod-secrets/core": "*" };
  writeFileSync(join(user, "package.json"), JSON.stringify({ name: "cluster", private: true, dependencies }));
  cpSync(join(example, "example", "pod-secrets.yaml"), join(user, "pod-secrets.yaml"));
  await install(user);
}

/** Installs with our packages from the tarballs, and all others in the versions that this repository has at hand. */
async function install(directory: string): Promise<void> {
  const { catalog } = parse(readFileSync(join(root, "pnpm-workspace.yaml"), "utf8")) as {
    catalog: Readonly<Record<string, string>>;
  };
  const overrides = {
    ...catalog,
    "@pod-secrets/core": `file:${tarball("core")}`,
    "@pod-secrets/injector-testkit": `file:${tarball("testkit")}`,
    "@acme/injector-csi": `file:${tarball("acme")}`,
  };
  writeFileSync(join(directory, "pnpm-workspace.yaml"), JSON.stringify({ packages: ["."], overrides }));
  await run(directory, "pnpm", "install", "--prefer-offline", "--no-frozen-lockfile");
}

function inject(pod: string): ReturnType<typeof runBuilt> {
  const config = join(folder, "user", "pod-secrets.yaml");
  return runBuilt(command().program, ["inject", "--config", config, "-o", "json", pod]);
}

function injectPod(requests: readonly RequestFields[], pod: Pod = testPod()): ReturnType<typeof runBuilt> {
  const file = join(folder, "user", "pod.json");
  writeFileSync(file, JSON.stringify(withRequests(pod, secretRequests(requests))));
  return inject(file);
}

/** Runs a program of this repository's tools. The error of a failed one holds what it said. */
async function run(directory: string, program: string, ...args: readonly string[]): Promise<string> {
  const path = [join(root, "node_modules", ".bin"), process.env["PATH"]].join(delimiter);
  const { NODE_ENV: _, ...environment } = process.env;
  try {
    const options = { cwd: directory, env: { ...environment, PATH: path }, maxBuffer: 64 * 1024 * 1024 };
    const { stdout } = await promisify(execFile)(program, args, options);
    return stdout;
  } catch (error) {
    const { stdout, stderr } = error as { readonly stdout: string; readonly stderr: string };
    throw new Error(`${program} ${args.join(" ")} failed in ${directory}:\n${stdout}${stderr}`, { cause: error });
  }
}
