/** Volumes, init containers, annotations and image pull secrets that secrets add to a pod. */
import { describe, expect, it } from "vitest";

import {
  addAnnotations,
  addImagePullSecret,
  addInitContainer,
  addSecretItem,
  addVolume,
  annotation,
  secretVolumeName,
  type Pod,
  type SecretItem,
  type Volume,
} from "../src/index.ts";
import { thrownBy } from "./thrown.ts";

const POD: Pod = { spec: { containers: [{ name: "main" }] } };
const MEMORY: Volume = { name: "fetched", emptyDir: { medium: "Memory" } };

function withVolumes(...volumes: readonly Volume[]): Pod {
  return { spec: { containers: [{ name: "main" }], volumes } };
}

describe("a volume", () => {
  it("is added at the end, once", () => {
    const pod = withVolumes({ name: "data", emptyDir: {} });
    const once = addVolume(pod, MEMORY);
    expect(once.spec?.volumes).toEqual([{ name: "data", emptyDir: {} }, MEMORY]);
    expect(addVolume(once, MEMORY)).toBe(once);
  });

  it("is the same with the defaults of the API server", () => {
    const wanted: Volume = {
      name: "s",
      secret: { secretName: "s", items: [{ key: "a", path: "b" }], optional: false },
    };
    const stored: Volume = {
      name: "s",
      secret: { secretName: "s", items: [{ key: "a", path: "b" }], defaultMode: 420 },
    };
    const pod = withVolumes(stored);
    expect(addVolume(pod, wanted)).toBe(pod);
  });

  it.each<Volume>([
    { name: "fetched", emptyDir: {} },
    { name: "fetched", secret: { secretName: "s" } },
    { name: "fetched" },
  ])("is refused where another one has the name: %j", (other) => {
    expect(thrownBy(() => addVolume(withVolumes(other), MEMORY))).toMatchObject({
      code: "E_VOLUME_CONFLICT",
      message: 'the pod has another volume named "fetched"',
    });
  });

  it("is another one without a field that every object seems to have", () => {
    const wanted: Volume = { name: "v", emptyDir: JSON.parse('{"__proto__":{}}') as object };
    const pod = withVolumes({ name: "v", emptyDir: {} });
    expect(thrownBy(() => addVolume(pod, wanted)).code).toBe("E_VOLUME_CONFLICT");
  });

  it("needs a name that a volume can have", () => {
    expect(thrownBy(() => addVolume(POD, { name: "A b" })).code).toBe("E_POD_INVALID");
  });
});

describe("a key of a Secret", () => {
  const item: SecretItem = { secretName: "user-info", groupVersion: "", key: "Token", path: "token", optional: true };
  const volumeName = secretVolumeName("user-info", "");

  it("makes the Secret's volume, and joins it", () => {
    const first = addSecretItem(POD, item);
    const second = addSecretItem(first.pod, { ...item, key: "user", path: "user" });
    expect(second.volumeName).toBe(volumeName);
    expect(second.pod.spec?.volumes).toEqual([
      {
        name: volumeName,
        secret: {
          secretName: "user-info",
          items: [
            { key: "Token", path: "token" },
            { key: "user", path: "user" },
          ],
          optional: true,
        },
      },
    ]);
  });

  it("that is there already changes nothing", () => {
    const { pod } = addSecretItem(POD, item);
    expect(addSecretItem(pod, item)).toEqual({ pod, volumeName });
    expect(addSecretItem(pod, item).pod).toBe(pod);
  });

  it("of another version joins the same volume: the Secret is one", () => {
    const { pod } = addSecretItem(POD, item);
    const other = addSecretItem(pod, { ...item, groupVersion: "v2", key: "b", path: "b" });
    expect(other.volumeName).toBe(volumeName);
    expect(other.pod.spec?.volumes).toHaveLength(1);
  });

  it("is refused where another key is that file", () => {
    const { pod } = addSecretItem(POD, item);
    expect(thrownBy(() => addSecretItem(pod, { ...item, key: "TOKEN" }))).toMatchObject({
      code: "E_FILE_COLLISION",
      message: 'keys "Token" and "TOKEN" of Secret "user-info" are one file',
    });
  });

  it("leaves the user's volume of the same Secret alone", () => {
    const own: Volume = { name: "mine", secret: { secretName: "user-info", items: [{ key: "a", path: "a" }] } };
    const { pod } = addSecretItem(withVolumes(own), item);
    expect(pod.spec?.volumes?.[0]).toBe(own);
    expect(pod.spec?.volumes).toHaveLength(2);
  });

  it("does not join a volume that holds all keys, even under the same name", () => {
    const own: Volume = { name: volumeName, secret: { secretName: "user-info" } };
    expect(thrownBy(() => addSecretItem(withVolumes(own), item)).code).toBe("E_VOLUME_CONFLICT");
  });
});

describe("an init container", () => {
  const fetcher = { name: "fetch", image: "fetch:1", env: [{ name: "ID", value: "7" }] };
  const pod: Pod = { spec: { containers: [{ name: "main" }], initContainers: [{ name: "mine" }] } };

  it("goes before all others, after them, or right after one of them", () => {
    const names = (result: Pod): unknown => result.spec?.initContainers?.map(({ name }) => name);
    expect(names(addInitContainer(pod, fetcher, "first"))).toEqual(["fetch", "mine"]);
    expect(names(addInitContainer(pod, fetcher, "last"))).toEqual(["mine", "fetch"]);
    expect(names(addInitContainer(POD, fetcher, "last"))).toEqual(["fetch"]);
    const two: Pod = { spec: { containers: [], initContainers: [{ name: "one" }, { name: "two" }] } };
    expect(names(addInitContainer(two, fetcher, { after: "one" }))).toEqual(["one", "fetch", "two"]);
    expect(names(addInitContainer(two, fetcher, { after: "two" }))).toEqual(["one", "two", "fetch"]);
    expect(names(addInitContainer(two, fetcher, { after: "another" }))).toEqual(["one", "two", "fetch"]);
  });

  it("that is there already changes nothing, with what later secrets and a mirror of images made of it", () => {
    const grown = { ...fetcher, image: "mirror/fetch:1", env: [{ name: "MORE" }, ...fetcher.env] };
    const after: Pod = { spec: { containers: [{ name: "main" }], initContainers: [grown] } };
    expect(addInitContainer(after, fetcher, "first")).toBe(after);
  });

  it.each([
    { name: "fetch", env: [{ name: "ID", value: "8" }] },
    { name: "fetch", command: ["sh"], env: fetcher.env },
    { name: "fetch", args: ["--all"], env: fetcher.env },
    { name: "fetch" },
  ])("is refused where a container of that name does something else: %j", (other) => {
    const taken: Pod = { spec: { containers: [other] } };
    expect(thrownBy(() => addInitContainer(taken, fetcher, "first"))).toMatchObject({
      code: "E_CONTAINER_CONFLICT",
      message: 'the pod has another container named "fetch"',
    });
  });

  it("is refused where that one is told more than it would be", () => {
    const shell = { ...fetcher, command: ["sh", "-c", "fetch"] };
    const other = { ...shell, command: [...shell.command, "extra"] };
    const taken: Pod = { spec: { containers: [], initContainers: [other] } };
    expect(thrownBy(() => addInitContainer(taken, shell, "first")).code).toBe("E_CONTAINER_CONFLICT");
  });

  it("needs a name that a container can have", () => {
    expect(thrownBy(() => addInitContainer(POD, { name: "x".repeat(64) }, "last")).code).toBe("E_POD_INVALID");
  });
});

describe("annotations", () => {
  it("are added; one that the user set stays", () => {
    const pod: Pod = { metadata: { annotations: { "example.com/a": "mine" } } };
    const result = addAnnotations(pod, { "example.com/a": "ours", "example.com/b": "ours" });
    expect(result.metadata?.annotations).toEqual({ "example.com/a": "mine", "example.com/b": "ours" });
    expect(addAnnotations(result, { "example.com/b": "other" })).toBe(result);
    expect(annotation(result, "example.com/a")).toBe("mine");
    expect(annotation(result, "toString")).toBeUndefined();
  });

  it("join a pod that has none, however that is written", () => {
    const wanted = { metadata: { annotations: { a: "1" } } };
    expect(addAnnotations({}, { a: "1" })).toEqual(wanted);
    expect(addAnnotations({ metadata: { annotations: null } } as unknown as Pod, { a: "1" })).toEqual(wanted);
  });

  it("keep a key named __proto__ a key", () => {
    const pod = { metadata: { annotations: JSON.parse('{"__proto__":"x"}') as Record<string, string> } };
    const { annotations } = addAnnotations(pod, { a: "1" }).metadata ?? {};
    expect(JSON.stringify(annotations)).toBe('{"__proto__":"x","a":"1"}');
    expect(Object.getPrototypeOf(annotations)).toBe(Object.prototype);
  });

  it("need keys that an annotation can have; the API server does not look at their case", () => {
    expect(thrownBy(() => addAnnotations({}, { "a b": "1" })).code).toBe("E_POD_INVALID");
    expect(addAnnotations({}, { "Example.COM/A": "1" }).metadata?.annotations).toEqual({ "Example.COM/A": "1" });
  });
});

describe("an image pull secret", () => {
  it("is added at the end, once", () => {
    const pod: Pod = { spec: { containers: [], imagePullSecrets: [{ name: "mine" }] } };
    const once = addImagePullSecret(pod, "ours");
    expect(once.spec?.imagePullSecrets).toEqual([{ name: "mine" }, { name: "ours" }]);
    expect(addImagePullSecret(once, "mine")).toBe(once);
    expect(thrownBy(() => addImagePullSecret(pod, "No Name")).code).toBe("E_POD_INVALID");
  });
});

describe("a pod without a spec", () => {
  it("stays as it is", () => {
    const pod: Pod = { metadata: { name: "p" } };
    expect(addVolume(pod, MEMORY)).toBe(pod);
    expect(addInitContainer(pod, { name: "fetch" }, "first")).toBe(pod);
    expect(addImagePullSecret(pod, "ours")).toBe(pod);
  });
});
