/** Volume mounts that secrets add to containers, and who owns a path. */
import { describe, expect, it } from "vitest";

import { addMount, reserveMountPath, type Pod, type Volume, type VolumeMount } from "../src/index.ts";
import { contextOf } from "./fixtures.ts";
import { thrownBy } from "./thrown.ts";

const OURS: VolumeMount = { name: "ours", mountPath: "/etc/flyte/secrets/g", readOnly: true };
const ROOT: VolumeMount = { name: "root", mountPath: "/etc/flyte/secrets", readOnly: true };

function podWith(...volumeMounts: readonly VolumeMount[]): Pod {
  return { spec: { containers: [{ name: "main", volumeMounts }] } };
}

function add(pod: Pod, mount: VolumeMount): readonly VolumeMount[] | undefined {
  return addMount(pod, contextOf(pod), mount).spec?.containers[0]?.volumeMounts;
}

describe("adding a mount", () => {
  it("goes to the end, in every init container and container", () => {
    const own = { name: "data", mountPath: "/data" };
    const pod: Pod = { spec: { initContainers: [{ name: "i" }], containers: [{ name: "c", volumeMounts: [own] }] } };
    expect(addMount(pod, contextOf(pod), OURS).spec).toEqual({
      initContainers: [{ name: "i", volumeMounts: [OURS] }],
      containers: [{ name: "c", volumeMounts: [own, OURS] }],
    });
  });

  it("leaves a container that mounts the volume already, wherever that is", () => {
    const elsewhere = podWith({ name: "ours", mountPath: "/tmp" });
    expect(addMount(elsewhere, contextOf(elsewhere), OURS)).toBe(elsewhere);
  });

  describe("to a container of the user's that mounts the volume", () => {
    function warningsFor(own: VolumeMount, volume: Volume = { name: "ours", secret: { secretName: "g" } }): string[] {
      const pod: Pod = { spec: { containers: [{ name: "main", volumeMounts: [own] }], volumes: [volume] } };
      const warnings: string[] = [];
      addMount(pod, { ...contextOf(pod), warn: (warning) => warnings.push(warning) }, OURS);
      return warnings;
    }

    it.each([
      { name: "ours", mountPath: "/tmp" },
      { name: "ours", mountPath: "/etc/flyte/secrets/g", subPath: "k" },
      { name: "ours", mountPath: "/etc/flyte/secrets/g", subPathExpr: "$(K)" },
    ])("warns where that is not where the task looks: %j", (own) => {
      expect(warningsFor(own)).toEqual([
        'container "main" keeps its own mount of volume "ours", so it may not find its secrets',
      ]);
    });

    it("is no news where it is at the path, however that is written", () => {
      expect(warningsFor({ name: "ours", mountPath: "/etc/flyte/secrets//g/" })).toEqual([]);
    });

    it("is no news where it may write the files: it is one that a secret brought, when the API server calls again", () => {
      expect(warningsFor({ name: "ours", mountPath: "/tmp" }, { name: "ours", emptyDir: {} })).toEqual([]);
      const reading = { name: "ours", mountPath: "/tmp", readOnly: true };
      expect(warningsFor(reading, { name: "ours", emptyDir: {} })).toHaveLength(1);
    });
  });

  it("is no news in a container that is not the user's", () => {
    const pod: Pod = { spec: { containers: [], initContainers: [{ name: "fetch", volumeMounts: [OURS] }] } };
    const warn = (): void => expect.fail("a warning");
    addMount(pod, { ...contextOf({ spec: { containers: [] } }), warn }, { ...OURS, mountPath: "/elsewhere" });
  });

  it.each([
    "/etc/flyte/secrets/g",
    "/etc/flyte/secrets/g/",
    "/etc//flyte/./secrets/g/.",
    "/etc/flyte/secrets/x/../g",
    "/../etc/flyte/secrets/g/h/..",
    "etc/flyte/secrets/g",
  ])("is refused where another volume is at the path: %s", (mountPath) => {
    expect(thrownBy(() => add(podWith({ name: "data", mountPath }), OURS))).toMatchObject({
      code: "E_MOUNT_CONFLICT",
      message: 'in container "main" volume "data" is mounted at "/etc/flyte/secrets/g"',
    });
  });

  it("leaves the user's own path as it is written", () => {
    const beside = { name: "data", mountPath: "/etc/flyte/secrets/g/../h//" };
    expect(add(podWith(beside), OURS)).toEqual([beside, OURS]);
  });

  it("is refused below a read-only mount of a secret, where the runtime cannot make the directory", () => {
    expect(thrownBy(() => add(podWith(ROOT), OURS)).message).toBe(
      'in container "main" volume "root" is mounted read-only above "/etc/flyte/secrets/g"',
    );
  });

  it("is refused read-only over the mount of another secret", () => {
    expect(thrownBy(() => add(podWith(OURS), ROOT)).message).toBe(
      'in container "main" volume "ours" is mounted below "/etc/flyte/secrets"',
    );
  });

  it("may lie inside a mount that can be written, around one when it can be, and beside any other", () => {
    const writable = { name: "w", mountPath: "/etc/flyte/secrets" };
    expect(add(podWith(writable), OURS)).toEqual([writable, OURS]);
    expect(add(podWith(OURS), writable)).toEqual([OURS, writable]);
    const beside = { name: "b", mountPath: "/etc/flyte/secrets/gg", readOnly: true };
    expect(add(podWith(beside), OURS)).toEqual([beside, OURS]);
  });

  it("lets the user nest elsewhere: the image may have the directory", () => {
    const own = { name: "etc", mountPath: "/etc", readOnly: true };
    expect(add(podWith(own), OURS)).toEqual([own, OURS]);
  });

  it("sees the mount that the Vault Agent Injector will add", () => {
    const annotations = {
      "vault.hashicorp.com/agent-inject": "true",
      "vault.hashicorp.com/secret-volume-path": "/etc/flyte/secrets",
    };
    const pod: Pod = { metadata: { annotations }, ...podWith() };
    expect(thrownBy(() => add(pod, ROOT)).message).toContain(
      'volume "vault-secrets" of the Vault Agent Injector is mounted at',
    );
    expect(add(pod, OURS)).toEqual([OURS]);
    const its = { name: "vault-secrets", mountPath: "/etc/flyte/secrets" };
    expect(add(pod, its)).toEqual([its]);
    const elsewhere = { metadata: { annotations: { "vault.hashicorp.com/agent-inject": "true" } }, ...podWith() };
    expect(add(elsewhere, ROOT)).toEqual([ROOT]);
    expect(thrownBy(() => add(elsewhere, { ...ROOT, mountPath: "/vault/secrets" })).code).toBe("E_MOUNT_CONFLICT");
  });

  it("is refused over a file of a Vault agent, which it would hide", () => {
    const annotations = {
      "vault.hashicorp.com/agent-inject": "true",
      "vault.hashicorp.com/secret-volume-path": "/etc/flyte/secrets",
      "vault.hashicorp.com/agent-inject-file-db": "g/password",
    };
    const pod: Pod = { metadata: { annotations }, ...podWith() };
    expect(thrownBy(() => add(pod, OURS))).toMatchObject({
      code: "E_MOUNT_CONFLICT",
      message:
        'volume "ours" at "/etc/flyte/secrets/g" would hide "/etc/flyte/secrets/g/password", a file of the Vault agent',
    });
    expect(add(pod, { ...OURS, mountPath: "/etc/flyte/secrets/other" })).toHaveLength(1);
  });

  it.each(["true", "True", "TRUE", "t", "T", "1"])(
    "sees it where %j announces it, as Go reads a truth value",
    (value) => {
      const pod: Pod = { metadata: { annotations: { "vault.hashicorp.com/agent-inject": value } }, ...podWith() };
      expect(thrownBy(() => add(pod, { ...ROOT, mountPath: "/vault/secrets" })).code).toBe("E_MOUNT_CONFLICT");
    },
  );

  it.each(["false", "0", "", "yes", "tRUE"])("sees none where the Vault Agent Injector is told %j", (value) => {
    const pod: Pod = { metadata: { annotations: { "vault.hashicorp.com/agent-inject": value } }, ...podWith() };
    expect(add(pod, { ...ROOT, mountPath: "/vault/secrets" })).toHaveLength(1);
  });
});

describe("reserving a path for another webhook", () => {
  it("is refused where a container has another volume there", () => {
    const pod: Pod = { spec: { containers: [{ name: "c" }], initContainers: [{ name: "i", volumeMounts: [ROOT] }] } };
    const vault = { name: "vault-secrets", mountPath: "/etc/flyte/secrets" };
    expect(thrownBy(() => reserveMountPath(pod, contextOf(pod), vault)).message).toBe(
      'in container "i" volume "root" is mounted at "/etc/flyte/secrets"',
    );
    expect(() => reserveMountPath(pod, contextOf(pod), { ...vault, name: "root" })).not.toThrow();
    expect(() => reserveMountPath(pod, contextOf(pod), { ...vault, mountPath: "/elsewhere" })).not.toThrow();
  });
});
