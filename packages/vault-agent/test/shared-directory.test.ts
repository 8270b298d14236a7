import type { Annotations, PodSpec, SecretAsk, VolumeMount } from "@pod-secrets/core";
import { describe, expect, test } from "vitest";

import { KV1, KV2, admit, admitted, injectorOf, podAsking, refusal, secretIds } from "./admission.ts";

describe("two secrets that want one file are refused", () => {
  const base: SecretAsk = { group: "secret/app", key: "token", groupVersion: "kv2" };

  test.each<[string, SecretAsk]>([
    ["of two engines", { ...base, groupVersion: "kv1" }],
    ["whose keys differ by case", { ...base, key: "TOKEN" }],
    ["whose groups differ by case", { ...base, group: "Secret/App" }],
    ["with a slash at another place", { ...base, group: "secret", key: "app/token" }],
    ["of which one is a directory of the other", { ...base, group: "secret/app/token", key: "x" }],
  ])("%s", async (_, other) => {
    for (const asks of [
      [base, other],
      [other, base],
    ]) {
      const refused = await refusal(podAsking(asks));
      expect(refused.code).toBe("E_FILE_COLLISION");
      expect(refused.request.source).toBe("flyte.secrets/s1");
    }
  });

  test("with the pod's own Vault annotations", async () => {
    const own = { "vault.hashicorp.com/agent-inject-file-mine": "secret/app/token" };
    expect(await refusal(podAsking([base], own))).toMatchObject({ code: "E_FILE_COLLISION" });
    const elsewhere = { ...own, "vault.hashicorp.com/secret-volume-path-mine": "/vault/secrets" };
    expect((await admit(podAsking([base], elsewhere))).outcome).toBe("changed");
  });

  test("with a file whose name is the id of the pod's own secret", async () => {
    const own = {
      "vault.hashicorp.com/agent-inject-secret-App": "secret/own",
      "vault.hashicorp.com/secret-volume-path-App": "/etc/flyte/secrets/secret",
    };
    expect(await refusal(podAsking([base], own))).toMatchObject({ code: "E_FILE_COLLISION" });
  });

  test("in any order, when one has a volume path of its own that is the same", async () => {
    const other: SecretAsk = { ...base, key: "TOKEN" };
    const [id = ""] = secretIds(await admitted(podAsking([other])));
    const own = { [`vault.hashicorp.com/secret-volume-path-${id}`]: "/etc/flyte/secrets" };
    for (const asks of [
      [base, other],
      [other, base],
    ])
      expect(await refusal(podAsking(asks, own))).toMatchObject({ code: "E_FILE_COLLISION" });
  });

  test("also when the configuration of a manager that is asked later brings the other", async () => {
    const injectors = [
      injectorOf(KV2),
      injectorOf(KV1, { annotations: { "vault.hashicorp.com/agent-inject-file-ours": "secret/app/token" } }),
    ];
    const kv1: SecretAsk = { group: "secret/other", key: "x", groupVersion: "kv1" };
    for (const asks of [
      [base, kv1],
      [kv1, base],
    ])
      expect(await refusal(podAsking(asks), { injectors })).toMatchObject({ code: "E_FILE_COLLISION" });
  });

  test.each(["secret//app/./token", "/secret/x/../app/token", "../secrets/secret/app/token", "secret/app/"])(
    "with the pod's own, however it writes the path: %s",
    async (file) => {
      const own = { "vault.hashicorp.com/agent-inject-file-mine": file };
      expect(await refusal(podAsking([base], own))).toMatchObject({ code: "E_FILE_COLLISION" });
    },
  );

  test.each(["", "../secret/app/token", "secret/app/../token"])(
    "but not with one of its own that is elsewhere: %j",
    async (file) => {
      const own = { "vault.hashicorp.com/agent-inject-file-mine": file };
      expect((await admit(podAsking([base], own))).outcome).toBe("changed");
    },
  );

  test("or with configured ones, where the pod has none of that name", async () => {
    const name = "vault.hashicorp.com/agent-inject-file-ours";
    const injectors = [injectorOf(KV2, { annotations: { [name]: "secret/app/token" } })];
    expect(await refusal(podAsking([base]), { injectors })).toMatchObject({ code: "E_FILE_COLLISION" });
    expect((await admit(podAsking([base], { [name]: "elsewhere" }), { injectors })).outcome).toBe("changed");
  });

  test("but not when only their names begin alike", async () => {
    const pod = await admitted(podAsking([base, { ...base, key: "token2" }, { ...base, group: "secret/app2" }]));
    expect(secretIds(pod)).toHaveLength(3);
  });

  test("nor when the case of files is preserved and differs", async () => {
    const injectors = [injectorOf(KV2, { fileCase: "preserve" })];
    const pod = await admitted(podAsking([base, { ...base, key: "TOKEN" }]), { injectors });
    expect(secretIds(pod)).toHaveLength(2);
  });
});

describe("volumes that the pod's own annotations make beside the one with the files", () => {
  const asks: readonly SecretAsk[] = [{ group: "secret/app", key: "token" }];
  const own = (path: string): Annotations => ({
    "vault.hashicorp.com/agent-inject-secret-mine": "secret/mine",
    "vault.hashicorp.com/secret-volume-path-mine": path,
  });

  test.each(["/etc/flyte/secrets/", "/etc/flyte/secrets/secret", "/etc/flyte/secrets/secret/app/"])(
    "are refused where they would hide a file: %s",
    async (path) => {
      const refused = await refusal(podAsking(asks, own(path)));
      expect(refused.code).toBe("E_MOUNT_CONFLICT");
      expect(refused.message).toContain(`annotation vault.hashicorp.com/secret-volume-path-mine`);
    },
  );

  test.each(["/etc/flyte/secrets", "/etc/flyte", "/vault/secrets", "/etc/flyte/secrets/other"])(
    "are fine at %s",
    async (path) => {
      expect((await admit(podAsking(asks, own(path)))).outcome).toBe("changed");
    },
  );

  test("are refused in any order when the configuration of another manager makes them", async () => {
    const annotations = { "vault.hashicorp.com/secret-volume-path-ours": "/etc/flyte/secrets/secret" };
    const injectors = [injectorOf(KV2), injectorOf(KV1, { annotations })];
    const kv1: SecretAsk = { group: "other/app", key: "x", groupVersion: "kv1" };
    for (const order of [
      [...asks, kv1],
      [kv1, ...asks],
    ])
      expect(await refusal(podAsking(order), { injectors })).toMatchObject({ code: "E_MOUNT_CONFLICT" });
  });
});

describe("mounts of the pod", () => {
  const asks: readonly SecretAsk[] = [{ group: "secret/app", key: "token" }];
  const withMount = (mount: VolumeMount): Partial<PodSpec> => ({
    volumes: [{ name: mount.name, emptyDir: {} }],
    containers: [{ name: "main", volumeMounts: [mount] }],
  });

  test.each([
    ["at the secrets directory", "/etc/flyte/secrets"],
    ["over the file's directory", "/etc/flyte/secrets/secret"],
    ["over the file's directory, with a slash", "/etc/flyte/secrets/secret/app/"],
    ["over the file", "/etc/flyte/secrets/secret/app/token"],
    ["over the file's directory, with two slashes", "/etc/flyte//secrets/secret"],
    ["over the file's directory, by way of another", "/etc/flyte/secrets/x/../secret"],
    ["over the file's directory, without the first slash", "etc/flyte/secrets/secret"],
  ])("%s are refused", async (_, mountPath) => {
    const refused = await refusal(podAsking(asks, {}, withMount({ name: "mine", mountPath })));
    expect(refused.code).toBe("E_MOUNT_CONFLICT");
    expect(refused.message).toContain('container "main"');
    expect(refused.message).toContain('volume "mine"');
  });

  test.each([
    "/etc/flyte",
    "/etc/flyte/secrets-of-mine",
    "/etc/flyte/secrets/other",
    "/etc/flyte/secrets/secret/app/to",
    "/etc/flyte/secrets/secret/../other",
  ])("at %s are fine", async (mountPath) => {
    const pod = await admitted(podAsking(asks, {}, withMount({ name: "mine", mountPath })));
    expect(secretIds(pod)).toHaveLength(1);
  });
});
