/**
 * An injector of somebody else, as they get it and as their users do: packed, installed from the tarballs into
 * folders outside of this repository, type-checked, built, tested, and named in a config file.
 */
import { readFileSync, realpathSync, writeFileSync } from "node:fs";
import { join } from "node:path";
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

import { builtCommand, runBuilt } from "../cli/built-command.ts";
import { exampleFolder, installThirdParty, PATIENCE, run, runAuthorsTests, type ThirdParty } from "./third-party.ts";

const example = exampleFolder("third-party-injector");

const command = builtCommand();
let third: ThirdParty;

beforeAll(async () => {
  third = await installThirdParty("third-party-injector", ["core", "injector-testkit"]);
}, PATIENCE);

afterAll(() => third?.remove());

describe("the author of an injector", () => {
  test("has copies of our packages, and no link into this repository", () => {
    for (const name of ["core", "injector-testkit"]) {
      const installed = realpathSync(join(third.author, "node_modules", "@pod-secrets", name));
      expect(installed.startsWith(third.folder)).toBe(true);
    }
  });

  test("type-checks injector and tests against our declarations", { timeout: PATIENCE }, async () => {
    await expect(run(third.author, "pnpm", "run", "check")).resolves.not.toMatch(/error/);
  });

  test("runs the conformance suite", { timeout: PATIENCE }, async () => {
    const { passed, failed } = await runAuthorsTests(third);
    expect(failed).toEqual([]);
    expect(passed).toBeGreaterThan(40);
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
    const config = join(third.user, "wrong.yaml");
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

function inject(pod: string): ReturnType<typeof runBuilt> {
  const config = join(third.user, "pod-secrets.yaml");
  return runBuilt(command().program, ["inject", "--config", config, "-o", "json", pod]);
}

function injectPod(requests: readonly RequestFields[], pod: Pod = testPod()): ReturnType<typeof runBuilt> {
  const file = join(third.user, "pod.json");
  writeFileSync(file, JSON.stringify(withRequests(pod, secretRequests(requests))));
  return inject(file);
}
