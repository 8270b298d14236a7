/** Env vars that secrets add to containers. */
import { spawnSync } from "node:child_process";

import { describe, expect, it } from "vitest";

import {
  addEnv,
  addFileLookup,
  envPrefixVar,
  literalEnvValue,
  type Container,
  type EnvVar,
  type Pod,
  type ProfileName,
} from "../src/index.ts";
import { openClaims } from "../src/pod-editing/claims.ts";
import { PROFILE_NAMES, contextOf, request } from "./fixtures.ts";
import { thrownBy } from "./thrown.ts";

const A: EnvVar = { name: "A", value: "secret a" };
const B: EnvVar = { name: "B", valueFrom: { secretKeyRef: { name: "s", key: "k" } } };
const MINE: EnvVar = { name: "MINE", value: "1" };

function podWith(env?: readonly EnvVar[]): Pod {
  return { spec: { containers: [env === undefined ? { name: "main" } : { name: "main", env }] } };
}

function envOf(pod: Pod): readonly EnvVar[] | undefined {
  return pod.spec?.containers[0]?.env;
}

function added(pod: Pod, profile: ProfileName, vars: readonly EnvVar[]): readonly EnvVar[] | undefined {
  return envOf(addEnv(pod, contextOf(pod, profile), vars));
}

describe("adding env vars", () => {
  it("goes to the end under flyte-v1, one by one", () => {
    expect(added(podWith([MINE]), "flyte-v1", [A, B])).toEqual([MINE, A, B]);
  });

  it("goes to the start under flyte-v2, one by one, so the last comes first", () => {
    expect(added(podWith([MINE]), "flyte-v2", [A, B])).toEqual([B, A, MINE]);
  });

  it("leaves the user's variable of that name under flyte-v1", () => {
    const own = { name: "A", value: "mine" };
    expect(added(podWith([own, MINE]), "flyte-v1", [A])).toEqual([own, MINE]);
  });

  it("replaces the user's variable of that name under flyte-v2, wherever it stands", () => {
    const own = { name: "A", value: "mine" };
    expect(added(podWith([MINE, own]), "flyte-v2", [A])).toEqual([A, MINE]);
    expect(added(podWith([own, MINE, own]), "flyte-v2", [A])).toEqual([A, MINE]);
  });

  describe.each(PROFILE_NAMES)("under %s", (profile) => {
    it("reaches init containers and containers, and no ephemeral containers", () => {
      const container: Container = { name: "c" };
      const pod: Pod = {
        spec: { initContainers: [{ name: "i" }], containers: [container], ephemeralContainers: [{ name: "e" }] },
      };
      expect(addEnv(pod, contextOf(pod, profile), [A]).spec).toEqual({
        initContainers: [{ name: "i", env: [A] }],
        containers: [{ name: "c", env: [A] }],
        ephemeralContainers: [{ name: "e" }],
      });
    });

    it("leaves init containers alone that fetch secrets for the others", () => {
      const volumeMounts = [{ name: "pod-secrets-fetch", mountPath: "/run/pod-secrets" }];
      const initContainers = [
        { name: "pod-secrets-fetch", volumeMounts },
        { name: "prepare", volumeMounts },
      ];
      const pod: Pod = { spec: { initContainers, containers: [{ name: "pod-secrets-task", volumeMounts }] } };
      const { spec } = addEnv(pod, contextOf(pod, profile), [A]);
      expect(spec?.initContainers?.map(({ env }) => env)).toEqual([undefined, [A]]);
      expect(spec?.containers[0]?.env).toEqual([A]);
    });

    it("reaches a user's init container that is named as those that fetch, and fetches nothing", () => {
      const read = { name: "pod-secrets-fetch", mountPath: "/etc/flyte/secrets", readOnly: true };
      const initContainers = [
        { name: "pod-secrets-migrate" },
        { name: "pod-secrets-check", volumeMounts: [read, { name: "work", mountPath: "/work" }] },
      ];
      const pod: Pod = { spec: { initContainers, containers: [{ name: "main" }] } };
      const { spec } = addEnv(pod, contextOf(pod, profile), [A]);
      expect(spec?.initContainers?.map(({ env }) => env)).toEqual([[A], [A]]);
    });

    it("takes null for no list, as Go writes it", () => {
      const spec = { initContainers: null, containers: [{ name: "c", env: null }] } as unknown as Pod["spec"];
      const pod = { spec } as Pod;
      expect(envOf(addEnv(pod, contextOf(pod, profile), [A]))).toEqual([A]);
      const empty = { spec: { containers: null } } as unknown as Pod;
      expect(addEnv(empty, contextOf(empty, profile), [A])).toBe(empty);
    });

    it("gives the same pod again when all is there", () => {
      const pod = podWith([MINE]);
      const once = addEnv(pod, contextOf(pod, profile), [A, B]);
      expect(addEnv(once, contextOf(pod, profile), [A, B])).toBe(once);
      expect(addEnv(once, contextOf(once, profile), [B, A])).toBe(once);
    });

    it("knows its own variable again after the API server has dropped empty texts and added defaults", () => {
      const stored = { name: "B", valueFrom: { secretKeyRef: { name: "s", key: "k", optional: true } } };
      const pod = podWith([{ name: "EMPTY" }, stored]);
      const same = addEnv(pod, contextOf(pod, profile), [{ name: "EMPTY", value: "" }, B]);
      expect(same).toBe(pod);
    });

    it("refuses a name that another secret of the pod has", () => {
      const pod = podWith();
      const context = contextOf(pod, profile);
      const once = addEnv(pod, context, [A]);
      const error = thrownBy(() => addEnv(once, context, [{ name: "A", value: "another" }]));
      expect(error).toMatchObject({
        code: "E_ENV_COLLISION",
        message: 'another secret of this pod is in env var "A" already',
      });
      expect(error.message).not.toContain("secret a");
    });

    it("names the Kubernetes Secret of the other one, by which its request is found", () => {
      const pod = podWith();
      const context = contextOf(pod, profile);
      const once = addEnv(pod, context, [B]);
      const message = 'another secret of this pod, key "k" of Secret "s", is in env var "B" already';
      expect(thrownBy(() => addEnv(once, context, [{ name: "B", value: "another" }]))).toMatchObject({ message });
      // Also by what was claimed, where the pod does not show it.
      const { claims } = openClaims(context.naming.mountRoot);
      claims.env(B);
      expect(thrownBy(() => claims.env({ name: "B", value: "another" }))).toMatchObject({ message });
    });

    it.each(["", "1A", "A B", "A=B", "a:b", "..a", "é", "A\n"])("refuses the name %j", (name) => {
      const pod = podWith();
      const error = thrownBy(() => addEnv(pod, contextOf(pod, profile), [{ name }]));
      expect(error.code).toBe("E_ENV_NAME");
      expect(error.fix).toContain("Use letters, digits, `_`, `-` and `.` in group, key and env_var");
    });

    it("takes more names by fileKeyRef, which is younger than they are", () => {
      const fileKeyRef = { volumeName: "v", path: "p", key: "K" };
      const pod = podWith();
      const entry: EnvVar = { name: "_FSEC_ARN:AWS_A B", valueFrom: { fileKeyRef } };
      expect(added(pod, profile, [entry])).toEqual([entry]);
      for (const name of ["", "A=B", "é", "A\n"]) {
        const error = thrownBy(() => addEnv(pod, contextOf(pod, profile), [{ name, valueFrom: { fileKeyRef } }]));
        expect(error.code).toBe("E_ENV_NAME");
      }
      const asFunction: EnvVar = { name: "BASH_FUNC_ls%%", valueFrom: { fileKeyRef } };
      expect(thrownBy(() => addEnv(pod, contextOf(pod, profile), [asFunction])).code).toBe("E_ENV_FORBIDDEN");
    });

    it.each([
      "LD_PRELOAD",
      "LD_TRACE_LOADED_OBJECTS",
      "PATH",
      "NODE_OPTIONS",
      "PYTHONSTARTUP",
      "BASH_ENV",
      "BASH_FUNC_ls",
      "KUBERNETES_SERVICE_HOST",
    ])("refuses %s, which runs code or moves the cluster", (name) => {
      const pod = podWith();
      expect(thrownBy(() => addEnv(pod, contextOf(pod, profile), [{ name }])).code).toBe("E_ENV_FORBIDDEN");
    });

    it.each(["KUBECONFIG", "SSL_CERT_FILE", "HTTPS_PROXY", "AWS_SECRET_ACCESS_KEY"])("takes %s", (name) => {
      expect(added(podWith(), profile, [{ name, value: "x" }])).toEqual([{ name, value: "x" }]);
    });

    it("leaves containers that it does not change the same objects", () => {
      const done: Container = { name: "done", env: [A] };
      const pod: Pod = { spec: { containers: [done, { name: "main" }] } };
      const result = addEnv(pod, contextOf(pod, profile), [A]);
      expect(result.spec?.containers[0]).toBe(done);
      expect(result).not.toBe(pod);
    });
  });
});

describe("telling the task where its files are", () => {
  it("sets directory and prefix, and the path under env_var", () => {
    const pod = podWith();
    const ask = request({ group: "G", key: "K", envVar: "MY_FILE" });
    expect(envOf(addFileLookup(pod, contextOf(pod), ask))).toEqual([
      { name: "FLYTE_SECRETS_DEFAULT_DIR", value: "/etc/flyte/secrets" },
      { name: "FLYTE_SECRETS_FILE_PREFIX" },
      { name: "MY_FILE", value: "/etc/flyte/secrets/g/k" },
    ]);
  });

  it("says the prefix of env vars as the profile has it", () => {
    expect(envPrefixVar(contextOf(podWith(), "flyte-v2"))).toEqual({
      name: "FLYTE_SECRETS_ENV_PREFIX",
      value: "_UNION_",
    });
  });
});

describe("a literal value", () => {
  // Kubernetes makes `$$` a `$`, and `$(A)` the value of A.
  it.each([
    ["plain", "plain"],
    ["a$b", "a$b"],
    ["$(HOME)", "$$(HOME)"],
    ["a$$b$", "a$$$$b$$"],
    ["", ""],
  ])("%j is written %j", (value, written) => {
    expect(literalEnvValue(value)).toBe(written);
  });

  it("cannot hold NUL, and an error does not show it", () => {
    const error = thrownBy(() => literalEnvValue("canary\0"));
    expect(error).toMatchObject({ code: "E_ENV_VALUE", message: "the value holds a NUL byte" });
  });
});

/** Longest `NAME=value` on Linux with pages of 4 KiB, without the NUL at its end. */
const LONGEST = 131_071;

describe("the longest env var", () => {
  function add(name: string, value: string): readonly EnvVar[] | undefined {
    return added(podWith(), "flyte-v1", [{ name, value: literalEnvValue(value) }]);
  }

  it.each([
    ["X", "x".repeat(LONGEST - 2)],
    ["A_LONGER_NAME", "x".repeat(LONGEST - 14)],
    ["X", `x${"é".repeat((LONGEST - 3) / 2)}`],
    ["X", `$(A)${"$".repeat(LONGEST - 6)}`],
    ["X", "$".repeat(LONGEST - 2)],
  ])("under the name %s is taken, and one byte more is not", (name, value) => {
    expect(add(name, value)).toHaveLength(1);
    expect(thrownBy(() => add(name, `${value}x`))).toMatchObject({
      code: "E_ENV_VALUE",
      message: `env var "${name}" and its value are longer than 128 KiB`,
    });
  });

  it("is one with which a program starts", (context) => {
    if (process.platform !== "linux") context.skip("the limit is that of Linux");
    const value = "x".repeat(LONGEST - 2);
    expect(spawnSync("true", { env: { X: value, PATH: process.env["PATH"] } }).status).toBe(0);
  });

  // Other machines may have larger pages, and with them more room.
  it("has no room for one more byte", (context) => {
    if (process.platform !== "linux" || process.arch !== "x64") context.skip("the limit is that of Linux on x64");
    const value = "x".repeat(LONGEST - 1);
    expect(spawnSync("true", { env: { X: value, PATH: process.env["PATH"] } }).error).toMatchObject({ code: "E2BIG" });
  });
});
