/** Secrets as env vars, which the kubelet reads from files that the init container writes. */
import type { Container, EnvVar, Pod, SecretAsk } from "@pod-secrets/core";
import { describe, expect, test } from "vitest";

import { fetcherOptions } from "../src/index.ts";
import { IMAGE, admit, admitted, fetcherOf, fileManager, podAsking } from "./admission.ts";

const OPTIONS = fetcherOptions.parse({ image: IMAGE, envVars: "fileKeyRef" });
const MANAGERS = [fileManager("a", "/secrets", OPTIONS), fileManager("b", "/others", OPTIONS)];
const ASK: SecretAsk = { group: "DB", key: "Password", groupVersion: "a", mountRequirement: "ENV_VAR" };

const SOME_PATH: unknown = expect.stringMatching(/^ENV\/[0-9a-f]{20}$/);

function envOf({ spec }: Pod): readonly EnvVar[] {
  return spec?.containers[0]?.env ?? [];
}

function pathsOf(pod: Pod): readonly string[] {
  return envOf(pod).flatMap(({ valueFrom }) => valueFrom?.fileKeyRef?.path ?? []);
}

describe("a pod gets", () => {
  test("the value in the env var that flytekit reads, and under env_var", async () => {
    const pod = await admitted(podAsking([{ ...ASK, envVar: "PGPASSWORD" }]), MANAGERS);
    const valueFrom = { fileKeyRef: { volumeName: "pod-secrets-fetch", path: SOME_PATH, key: "VALUE" } };
    expect(envOf(pod)).toEqual([
      { name: "_FSEC_DB_PASSWORD", valueFrom },
      { name: "PGPASSWORD", valueFrom },
      { name: "FLYTE_SECRETS_ENV_PREFIX", value: "_FSEC_" },
    ]);
  });

  test("no mount of the volume for env vars alone", async () => {
    const pod = await admitted(podAsking([ASK]), MANAGERS);
    expect(pod.spec?.containers[0]?.volumeMounts).toBeUndefined();
    expect(pod.spec?.volumes).toHaveLength(1);
  });

  test("one env file per secret, however often it is asked for, which no file of a secret can be", async () => {
    const asks = [
      ASK,
      { ...ASK, envVar: "PGPASSWORD" },
      { ...ASK, key: "User" },
      { ...ASK, groupVersion: "b", key: "x" },
    ];
    const pod = await admitted(podAsking(asks), MANAGERS);
    const [first, second, ...others] = pathsOf(pod);
    expect(first).toBe(second);
    expect(new Set([first, ...others]).size).toBe(3);
    const items = (fetcherOf(pod).env ?? []).filter(({ value }) => value?.includes('"env":'));
    expect(items).toHaveLength(3);
    // A path in the look-up of files is in lower case.
    const [folder = "", name = ""] = first?.split("/") ?? [];
    const both = podAsking([ASK, { ...ASK, group: folder, key: name, mountRequirement: "FILE" }]);
    expect((await admit(both, MANAGERS)).outcome).toBe("changed");
  });

  test("a secret as file and as env var, in any order", async () => {
    for (const asks of [
      [ASK, { ...ASK, mountRequirement: "FILE" as const }],
      [{ ...ASK, mountRequirement: "ANY" as const }, ASK],
    ]) {
      const pod = await admitted(podAsking(asks), MANAGERS);
      expect(pathsOf(pod)).toHaveLength(1);
      expect(pod.spec?.containers[0]?.volumeMounts).toHaveLength(1);
      expect((await admit(pod, MANAGERS)).outcome).toBe("unchanged");
    }
  });
});

describe("an env var is in", () => {
  const has = ({ env }: Container): boolean => env?.some(({ name }) => name === "_FSEC_DB_PASSWORD") ?? false;

  test("all containers and init containers but our own", async () => {
    const spec = { initContainers: [{ name: "prepare" }], containers: [{ name: "main" }, { name: "side" }] };
    const pod = await admitted(podAsking([ASK], spec), MANAGERS);
    expect(pod.spec?.initContainers?.map(has)).toEqual([false, true]);
    expect(pod.spec?.containers.map(has)).toEqual([true, true]);
  });

  test("no init container that another webhook puts before ours: it could not start", async () => {
    const { spec, ...rest } = await admitted(podAsking([ASK], { initContainers: [{ name: "prepare" }] }), MANAGERS);
    const initContainers = [{ name: "mesh" }, ...(spec?.initContainers ?? []), { name: "late" }];
    const again = await admitted({ ...rest, spec: { containers: [], ...spec, initContainers } }, MANAGERS);
    expect(again.spec?.initContainers?.map(({ name }) => name)).toEqual([
      "mesh",
      "pod-secrets-fetch",
      "prepare",
      "late",
    ]);
    expect(again.spec?.initContainers?.map(has)).toEqual([false, false, true, true]);
    expect((await admit(again, MANAGERS)).outcome).toBe("unchanged");
  });
});

test("two secrets that want one env var are refused, in any order", async () => {
  const other: SecretAsk = { ...ASK, groupVersion: "b" };
  for (const asks of [
    [ASK, other],
    [other, ASK],
  ])
    expect(await admit(podAsking(asks), MANAGERS)).toMatchObject({ outcome: "refused", code: "E_ENV_COLLISION" });
});

test("without the option an env var is left to the next manager, with what to ask for instead", async () => {
  expect(await admit(podAsking([ASK]))).toMatchObject({
    outcome: "refused",
    message: expect.stringContaining("Ask for it as FILE or ANY; env_var then holds the path of the file."),
  });
});
