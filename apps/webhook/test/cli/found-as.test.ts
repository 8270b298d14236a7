import { PROFILES, createNaming, type Container, type Pod, type PodSpec } from "@pod-secrets/core";
import { describe, expect, it } from "vitest";

import { foundAs } from "../../src/cli/output/found-as.ts";
import { request } from "./pods.ts";

const naming = createNaming(PROFILES["flyte-v1"]);
const asked = request({ mountRequirement: "FILE" });
const DIRECTORY = "/etc/flyte/secrets/user-info";
const FILE = { as: "file", name: `${DIRECTORY}/password` };
/** What the program that fetches is asked for, in the env of its container. */
const fetching = (...paths: readonly string[]): PodSpec =>
  mounting("/etc/flyte/secrets", { emptyDir: {} }, [
    {
      name: "fetch",
      env: paths.map((path) => ({ name: `POD_SECRETS_FETCH.${path}`, value: partOf(path) })),
      volumeMounts: [{ name: "v", mountPath: "/run/pod-secrets" }],
    },
  ]);
const partOf = (path: string): string => JSON.stringify({ items: [{ files: [{ path }] }] });

function find(spec: PodSpec, annotations: Readonly<Record<string, string>> = {}): unknown {
  const pod: Pod = { metadata: { annotations }, spec };
  return foundAs(asked, { ...pod, spec: { containers: [] } }, pod, naming);
}

function mounting(mountPath: string, volume: object, initContainers: PodSpec["initContainers"] = []): PodSpec {
  const containers = [{ name: "main", volumeMounts: [{ name: "v", mountPath }] }];
  return { containers, initContainers, volumes: [{ name: "v", ...volume }] };
}

describe("a secret is found", () => {
  it("as an env var where there is one, from its Secret", () => {
    const name = naming.envName(asked);
    const secretKeyRef = { name: "user-info", key: "password" };
    const env = [{ name, valueFrom: { secretKeyRef } }];
    expect(find({ containers: [{ name: "main", env }] })).toEqual({ as: "env", name, secret: "user-info" });
    const literal = [{ name, value: "v" }];
    expect(find({ containers: [{ name: "main", env: literal }] })).toEqual({ as: "env", name, inPod: true });
  });

  it.each([
    ["with an entry for it", { items: [{ key: "password", path: "password" }] }],
    ["with all its keys", {}],
  ])("as a file of a mounted Secret %s", (_, items) => {
    const secret = { secretName: "user-info", ...items };
    expect(find(mounting(DIRECTORY, { secret }))).toEqual({ ...FILE, secret: "user-info" });
    for (const mountPath of [`${DIRECTORY}/`, "/etc//flyte/secrets/x/../user-info"])
      expect(find(mounting(mountPath, { secret }))).toEqual({ ...FILE, secret: "user-info" });
  });

  it("as a file that an init container writes", () => {
    const volumeMounts = [{ name: "v", mountPath: "/tmp" }];
    const spec = mounting("/etc/flyte/secrets", { emptyDir: {} }, [{ name: "pull", volumeMounts }]);
    expect(find(spec)).toEqual(FILE);
  });

  it.each([[[null, 8080, ["x"]]], ["/etc/flyte/secrets/other"], [{}], [8080]])(
    "as a file that an init container writes whose command is %j, which is no list of texts",
    (command) => {
      const volumeMounts = [{ name: "v", mountPath: "/tmp" }];
      const pull = { name: "pull", command, args: command, volumeMounts } as unknown as Container;
      expect(find(mounting("/etc/flyte/secrets", { emptyDir: {} }, [pull]))).toEqual(FILE);
    },
  );

  it("as the file that this secret adds to what the program fetches, whatever group and key are", () => {
    expect(find(fetching("db/3"))).toEqual({ as: "file", name: "/etc/flyte/secrets/db/3" });
    const [before, after] = [fetching("db/3"), fetching("db/3", "db/4")].map((spec): Pod => ({ spec }));
    const vault = request({ group: "https://v.vault.azure.net/secrets/db", key: "", mountRequirement: "FILE" });
    const found = foundAs(vault, before ?? {}, after ?? {}, naming);
    expect(found).toEqual({ as: "file", name: "/etc/flyte/secrets/db/4" });
  });

  it("as the file that the program fetches already for another secret of the pod", () => {
    const pod: Pod = { spec: fetching("db/3", "user-info/password") };
    expect(foundAs(asked, pod, pod, naming)).toEqual(FILE);
  });

  it("as the file that a script names, and not as a directory of it", () => {
    const script =
      "gcloud access --out-file=/etc/flyte/secrets/db/3; chmod +rX /etc/flyte/secrets/db /etc/flyte/secrets/db/3";
    const volumeMounts = [{ name: "v", mountPath: "/etc/flyte/secrets" }];
    const command = ["sh", "-ec", script];
    const spec = mounting("/etc/flyte/secrets", { emptyDir: {} }, [{ name: "pull", command, volumeMounts }]);
    expect(find(spec)).toEqual({ as: "file", name: "/etc/flyte/secrets/db/3" });
    expect(foundAs(asked, { spec }, { spec }, naming)).toBeUndefined();
  });

  it("as a file in the innermost mount, however long its path is written", () => {
    const volumeMounts = [
      { name: "outer", mountPath: "/etc/flyte/x/../y/../secrets//" },
      { name: "inner", mountPath: DIRECTORY },
    ];
    const secret = { secretName: "user-info" };
    const volumes = [
      { name: "outer", emptyDir: {} },
      { name: "inner", secret },
    ];
    expect(find({ containers: [{ name: "main", volumeMounts }], volumes })).toEqual({ ...FILE, secret: "user-info" });
  });

  it("as a file in a volume at the root", () => {
    const secret = { secretName: "user-info", items: [{ key: "password", path: FILE.name.slice(1) }] };
    expect(find(mounting("/", { secret }))).toEqual({ ...FILE, secret: "user-info" });
  });

  it("as a file in a volume of another kind", () => {
    expect(find(mounting(DIRECTORY, { csi: { driver: "secrets-store.csi.k8s.io" } }))).toEqual(FILE);
  });

  it.each([
    ["of the pod", { "vault.hashicorp.com/secret-volume-path": "/etc/flyte/secrets" }, "user-info/password"],
    ["of its own", { "vault.hashicorp.com/secret-volume-path-x": `${DIRECTORY}/` }, "/password"],
    [
      "by way of another",
      { "vault.hashicorp.com/secret-volume-path-x": "/etc/flyte" },
      "secrets//user-info/./password",
    ],
  ])("as a file that Vault writes into a directory %s", (_, directory, file) => {
    const annotations = { ...directory, "vault.hashicorp.com/agent-inject-file-x": file };
    expect(find({ containers: [{ name: "main" }] }, annotations)).toEqual(FILE);
  });
});

describe("nothing is claimed", () => {
  it.each([
    ["for a pod without a mount", { containers: [{ name: "main" }] }],
    ["for a mount beside the file", mounting(`${DIRECTORY}-2`, { secret: { secretName: "user-info" } })],
    ["for a mount below the directory", mounting(`${DIRECTORY}/other`, { secret: { secretName: "user-info" } })],
    [
      "for a Secret that gives other files",
      mounting(DIRECTORY, { secret: { secretName: "user-info", items: [{ key: "token", path: "token" }] } }),
    ],
    ["for an empty directory that nothing fills", mounting(DIRECTORY, { emptyDir: {} })],
    ["for a mount of no volume", { ...mounting(DIRECTORY, {}), volumes: [] }],
  ])("%s", (_, spec) => {
    expect(find(spec)).toBeUndefined();
  });

  it("for a file that the program which fetches is not told to write", () => {
    const pod: Pod = { spec: fetching("db/3", "user-info") };
    expect(foundAs(asked, pod, pod, naming)).toBeUndefined();
    const env = [{ name: "POD_SECRETS_FETCH.x", value: "no JSON" }, { name: "POD_SECRETS_FETCH.y" }];
    const nonsense = { name: "f", env, volumeMounts: [{ name: "v", mountPath: "/run" }] };
    expect(find(mounting("/etc/flyte/secrets", { emptyDir: {} }, [nonsense]))).toBeUndefined();
  });

  it("for group and key that are no path, where nobody says another", () => {
    const pod: Pod = { spec: mounting("/etc/flyte/secrets", { emptyDir: {} }, [{ name: "pull" }]) };
    expect(foundAs(request({ group: "a//b", mountRequirement: "FILE" }), pod, pod, naming)).toBeUndefined();
  });

  it("for a file that Vault writes elsewhere", () => {
    const annotations = { "vault.hashicorp.com/agent-inject-file-x": "user-info/password" };
    expect(find({ containers: [{ name: "main" }] }, annotations)).toBeUndefined();
  });
});
