import { describe, expect, test } from "vitest";

import type { Container, Volume } from "@pod-secrets/core";

import { lookUpEnv, lookUpFile, lookUpSecret, testContainer, testPod } from "../src/index.ts";

const NAMES = { group: "User-Info", key: "Password" };
const DIRECTORY = { name: "FLYTE_SECRETS_DEFAULT_DIR", value: "/etc/flyte/secrets" };

function lookUp(fields: Partial<Container>, volumes: readonly Volume[] = []): ReturnType<typeof lookUpSecret> {
  const container = testContainer(fields);
  return lookUpSecret(testPod({ containers: [container], volumes }), container, NAMES);
}

describe("flytekit reads the env var", () => {
  test("named <prefix>GROUP_KEY, in capitals", () => {
    const entry = { name: "_FSEC_USER-INFO_PASSWORD", value: "x" };
    expect(lookUp({ env: [entry] })).toEqual({ found: "env", entry });
  });

  test("under the prefix that the container is told, unless that is empty", () => {
    const entry = { name: "_UNION_USER-INFO_PASSWORD", value: "x" };
    expect(lookUp({ env: [entry, { name: "FLYTE_SECRETS_ENV_PREFIX", value: " _UNION_ " }] })).toMatchObject({ entry });
    const plain = { name: "_FSEC_USER-INFO_PASSWORD" };
    expect(lookUp({ env: [plain, { name: "FLYTE_SECRETS_ENV_PREFIX", value: "" }] })).toMatchObject({ entry: plain });
  });

  test("before the file", () => {
    const volumes = [{ name: "v", secret: { items: [{ key: "k", path: "password" }] } }];
    const volumeMounts = [{ name: "v", mountPath: "/etc/secrets/user-info" }];
    expect(lookUp({ volumeMounts }, volumes)).toMatchObject({ found: "file" });
    expect(lookUp({ volumeMounts, env: [{ name: "_FSEC_USER-INFO_PASSWORD" }] }, volumes)).toMatchObject({
      found: "env",
    });
  });

  test("without the parts that are empty", () => {
    const container = testContainer({ env: [{ name: "_FSEC_TOKEN", value: "x" }] });
    expect(lookUpEnv(container, { group: "", key: "token" })).toMatchObject({ found: "env" });
  });

  test("with the version between group and key", () => {
    const container = testContainer({ env: [{ name: "_FSEC_G_3_K", value: "x" }] });
    expect(lookUpEnv(container, { group: "g", groupVersion: "3", key: "k" })).toMatchObject({ found: "env" });
  });
});

describe("flytekit opens the file", () => {
  const items = [{ key: "Password", path: "password" }];
  const mounted = { env: [DIRECTORY], volumeMounts: [{ name: "v", mountPath: "/etc/flyte/secrets/user-info/" }] };

  test.each<[string, Volume]>([
    ["a Secret", { name: "v", secret: { items } }],
    ["a ConfigMap", { name: "v", configMap: { items } }],
    ["a projection", { name: "v", projected: { sources: [{ secret: { items } }] } }],
  ])("<dir>/group/key, in small letters, where %s lists it", (_, volume) => {
    expect(lookUp(mounted, [volume])).toMatchObject({
      found: "file",
      path: "/etc/flyte/secrets/user-info/password",
      content: "listed",
    });
  });

  test("with the prefix of file names", () => {
    const volume = { name: "v", secret: { items: [{ key: "k", path: "s-password" }] } };
    const env = [DIRECTORY, { name: "FLYTE_SECRETS_FILE_PREFIX", value: "s-" }];
    expect(lookUp({ ...mounted, env }, [volume])).toMatchObject({ path: "/etc/flyte/secrets/user-info/s-password" });
  });

  test("in the innermost mount", () => {
    const outer = { name: "outer", mountPath: "/etc/flyte/secrets" };
    const volumes: Volume[] = [
      { name: "outer", emptyDir: {} },
      { name: "v", secret: { items } },
    ];
    const lookup = lookUp({ ...mounted, volumeMounts: [...mounted.volumeMounts, outer] }, volumes);
    expect(lookup).toMatchObject({ found: "file", volume: { name: "v" } });
  });

  test("below the part of a volume that is mounted", () => {
    const volumeMounts = [{ name: "v", mountPath: "/etc/flyte/secrets/user-info", subPath: "team/" }];
    const inTeam = { name: "v", secret: { items: [{ key: "k", path: "team/password" }] } };
    expect(lookUp({ ...mounted, volumeMounts }, [inTeam])).toMatchObject({ content: "listed" });
    expect(lookUp({ ...mounted, volumeMounts }, [{ name: "v", secret: { items } }])).toMatchObject({
      found: "nothing",
    });
  });

  test("whose content nobody knows where the spec does not list it", () => {
    expect(lookUp(mounted, [{ name: "v", emptyDir: {} }])).toMatchObject({ found: "file", content: "unknown" });
  });

  test.each<[string, Partial<Container>, readonly Volume[], string]>([
    ["no volume is mounted there", { env: [DIRECTORY] }, [], "no volume is mounted there"],
    ["the volume is not in the pod", mounted, [], "volume v is not in the pod"],
    [
      "the volume has another file",
      mounted,
      [{ name: "v", secret: { items: [{ key: "k", path: "Password" }] } }],
      "volume v has no file password",
    ],
  ])("and says why not: %s", (_, fields, volumes, why) => {
    const container = testContainer(fields);
    const lookup = lookUpFile(testPod({ containers: [container], volumes }), container, NAMES);
    expect(lookup).toEqual({ found: "nothing", why: `there is no file /etc/flyte/secrets/user-info/password: ${why}` });
  });
});

describe("what is not there is told", () => {
  test("with the name that flytekit falls back to where the container is told no other", () => {
    expect(lookUp({})).toEqual({
      found: "nothing",
      why:
        "there is no env var _FSEC_USER-INFO_PASSWORD, the name without FLYTE_SECRETS_ENV_PREFIX; " +
        "there is no file /etc/secrets/user-info/password, the path without FLYTE_SECRETS_DEFAULT_DIR: no volume is mounted there",
    });
  });

  test("without more where it is told", () => {
    expect(lookUp({ env: [DIRECTORY, { name: "FLYTE_SECRETS_ENV_PREFIX", value: "_UNION_" }] })).toEqual({
      found: "nothing",
      why:
        "there is no env var _UNION_USER-INFO_PASSWORD; " +
        "there is no file /etc/flyte/secrets/user-info/password: no volume is mounted there",
    });
  });
});
