/** What core takes from an injector, which is somebody else's code, and what it refuses. */
import { describe, expect, it } from "vitest";

import {
  addEnv,
  addSecretItem,
  checkInjection,
  injected,
  mutatePod,
  type Container,
  type Injection,
  type Pod,
  type ProfileName,
  type SecretInjector,
} from "../src/index.ts";
import { FACTS, askingPod, contextOf, copyOf, settingsWith } from "./fixtures.ts";

const POD: Pod = {
  apiVersion: "v1",
  metadata: { name: "p", annotations: { "example.com/a": "1" } },
  spec: {
    serviceAccountName: "default",
    volumes: [
      { name: "data", emptyDir: {} },
      { name: "keys", secret: { secretName: "s", items: [{ key: "a", path: "a" }] } },
    ],
    imagePullSecrets: [{ name: "registry" }],
    initContainers: [{ name: "init", image: "i:1" }],
    containers: [
      {
        name: "main",
        image: "m:1",
        env: [
          { name: "A", value: "1" },
          { name: "B", value: "2" },
        ],
        volumeMounts: [{ name: "data", mountPath: "/data" }],
      },
      { name: "side" },
    ],
  },
};
const MAIN = POD.spec?.containers[0] as Container;

function problemOf(result: unknown, profile: ProfileName = "flyte-v1", before: Pod = POD): string | undefined {
  return checkInjection(before, result as Injection, contextOf(before, profile));
}

function problemOfPod(pod: unknown, profile: ProfileName = "flyte-v1"): string | undefined {
  return problemOf({ outcome: "injected", pod }, profile);
}

function withSpec(changes: object): unknown {
  return { ...POD, spec: { ...POD.spec, ...changes } };
}

function withMain(changes: object): unknown {
  return withSpec({ containers: [{ ...MAIN, ...changes }, { name: "side" }] });
}

describe("an answer that is taken", () => {
  it.each<[string, unknown]>([
    ["the pod itself", POD],
    ["an equal copy of the pod", copyOf(POD)],
    ["a copy with an addition", withMain({ env: [...copyOf(MAIN.env ?? []), { name: "C", value: "3" }] })],
    ["an env var in front", withMain({ env: [{ name: "C" }, ...(MAIN.env ?? [])] })],
    ["a mount", withMain({ volumeMounts: [...(MAIN.volumeMounts ?? []), { name: "data", mountPath: "/more" }] })],
    ["a volume", withSpec({ volumes: [...(POD.spec?.volumes ?? []), { name: "new", emptyDir: {} }] })],
    [
      "an init container",
      withSpec({ initContainers: [{ name: "fetch", image: "f" }, ...(POD.spec?.initContainers ?? [])] }),
    ],
    ["an image pull secret", withSpec({ imagePullSecrets: [{ name: "registry" }, { name: "ours" }] })],
    ["an annotation", { ...POD, metadata: { ...POD.metadata, annotations: { "example.com/a": "1", b: "2" } } }],
    ["a field that is undefined", withMain({ command: undefined })],
  ])("%s", (_, pod) => {
    expect(problemOfPod(pod)).toBeUndefined();
  });

  it("a key that joins a Secret's volume of core", () => {
    const item = { secretName: "s", groupVersion: "", key: "k", path: "k", optional: true };
    const { pod } = addSecretItem(POD, item);
    const { pod: more } = addSecretItem(pod, { ...item, key: "l", path: "l" });
    expect(problemOf(injected(more), "flyte-v1", pod)).toBeUndefined();
  });

  it("the user's variable replaced, where the profile says so", () => {
    const replaced = withMain({
      env: [
        { name: "B", value: "ours" },
        { name: "A", value: "1" },
      ],
    });
    expect(problemOfPod(replaced, "flyte-v2")).toBeUndefined();
    expect(problemOfPod(replaced, "flyte-v1")).toBe('it removed or changed env var "B" of container "main"');
  });

  it("a skip and a refusal, each with its texts", () => {
    expect(problemOf({ outcome: "skipped", reason: "not here" })).toBeUndefined();
    expect(problemOf({ outcome: "skipped", reason: "not here", fix: "Put it there." })).toBeUndefined();
    expect(problemOf({ outcome: "refused", code: "E_KEY_REQUIRED", message: "m", fix: "f" })).toBeUndefined();
    expect(problemOf({ outcome: "refused", code: "acme/no-vault", message: "m", fix: "f" })).toBeUndefined();
  });
});

describe("an answer that is no answer", () => {
  it.each<[unknown, string]>([
    [undefined, "it returned no injection"],
    [null, "it returned no injection"],
    ["injected", "it returned no injection"],
    [[], "it returned no injection"],
    [{}, "it returned an unknown outcome"],
    [{ outcome: "Injected", pod: POD }, "it returned an unknown outcome"],
    [{ outcome: "injected" }, "it returned no pod"],
    [{ outcome: "injected", pod: [POD] }, "it returned no pod"],
    [{ outcome: "injected", pod: POD, warnings: "careful" }, "it returned warnings that are no list"],
    [{ outcome: "injected", pod: POD, warnings: [1] }, "it answered with a warning that is no text"],
    [{ outcome: "skipped" }, "it answered with a reason that is no text"],
    [{ outcome: "skipped", reason: "r", fix: 1 }, "it answered with a fix that is no text"],
    [{ outcome: "refused", code: "E_KEY_REQUIRED", fix: "f" }, "it answered with a message that is no text"],
    [{ outcome: "refused", code: "E_KEY_REQUIRED", message: "m" }, "it answered with a fix that is no text"],
    [{ outcome: "refused", code: "E_OWN", message: "m", fix: "f" }, "it refused with a code that is no error code"],
    [{ outcome: "refused", code: "toString", message: "m", fix: "f" }, "it refused with a code that is no error code"],
    [{ outcome: "refused", code: "a/b\nc", message: "m", fix: "f" }, "it refused with a code that is no error code"],
  ])("%j", (result, problem) => {
    expect(problemOf(result)).toBe(problem);
  });
});

describe("a change that no injector may make", () => {
  it.each<[string, unknown]>([
    ['it changed "apiVersion" of the pod', { ...POD, apiVersion: "v2" }],
    ['it changed "status" of the pod', { ...POD, status: {} }],
    ['it changed "name" of the pod\'s metadata', { ...POD, metadata: { ...POD.metadata, name: "q" } }],
    ['it changed "labels" of the pod\'s metadata', { ...POD, metadata: { ...POD.metadata, labels: {} } }],
    ["it removed or replaced the pod's metadata", { apiVersion: "v1", spec: POD.spec }],
    [
      'it changed annotation "example.com/a" of the pod',
      { ...POD, metadata: { name: "p", annotations: { "example.com/a": "2" } } },
    ],
    [
      'it changed annotation "example.com/a" of the pod',
      { ...POD, metadata: { name: "p", annotations: { "example.com/b": "2" } } },
    ],
    ["it removed or replaced the annotations of the pod", { ...POD, metadata: { name: "p" } }],
    [
      'it set to what is no text annotation "b" of the pod',
      { ...POD, metadata: { name: "p", annotations: { "example.com/a": "1", b: { c: 1 } } } },
    ],
    ["it removed or made the pod's spec", { ...POD, spec: null }],
    ['it changed "serviceAccountName" of the pod\'s spec', withSpec({ serviceAccountName: "admin" })],
    ['it changed "hostNetwork" of the pod\'s spec', withSpec({ hostNetwork: true })],
    ["it made a list of containers something else", withSpec({ containers: { 0: MAIN } })],
    ["it added a volume that is no object", withSpec({ volumes: [...(POD.spec?.volumes ?? []), "v"] })],
    ['it removed, changed or reordered volume "keys"', withSpec({ volumes: POD.spec?.volumes?.slice(0, 1) })],
    ['it removed, changed or reordered volume "keys"', withSpec({ volumes: POD.spec?.volumes?.toReversed() })],
    [
      'it changed the fields of volume "keys"',
      withSpec({ volumes: [POD.spec?.volumes?.[0], { name: "keys", secret: { secretName: "s", items: [] } }] }),
    ],
    [
      'it added volume "host" with hostPath, which is not allowed',
      withSpec({ volumes: [...(POD.spec?.volumes ?? []), { name: "host", hostPath: { path: "/" } }] }),
    ],
    ['it removed, changed or reordered image pull secret "registry"', withSpec({ imagePullSecrets: [] })],
    ['it changed it of image pull secret "registry"', withSpec({ imagePullSecrets: [{ name: "registry", x: 1 }] })],
    [
      'it added container "spy" with anything, which is not allowed',
      withSpec({ containers: [...(POD.spec?.containers ?? []), { name: "spy" }] }),
    ],
    ['it removed, changed or reordered container "side"', withSpec({ containers: [MAIN] })],
    ['it changed "image" of the fields of container "main"', withMain({ image: "evil:1" })],
    ['it changed "envFrom" of the fields of container "main"', withMain({ envFrom: [{ secretRef: { name: "s" } }] })],
    [
      'it changed "image" of the fields of init container "init"',
      withSpec({ initContainers: [{ name: "init", image: "x" }] }),
    ],
    ['it removed or changed volume mount "data" of container "main"', withMain({ volumeMounts: [] })],
    ['it made a list of volume mounts something else of container "main"', withMain({ volumeMounts: null })],
    [
      'it added a volume mount that is no object of container "main"',
      withMain({ volumeMounts: [...(MAIN.volumeMounts ?? []), 5] }),
    ],
    ['it removed or changed env var "B" of container "main"', withMain({ env: MAIN.env?.slice(0, 1) })],
    [
      'it removed or changed env var "A" of container "main"',
      withMain({ env: [{ name: "A", value: "x" }, MAIN.env?.[1]] }),
    ],
    ['it made the env something else of container "main"', withMain({ env: "A=1" })],
    ['it changed the order of env vars of container "main"', withMain({ env: MAIN.env?.toReversed() })],
    [
      'it added an env var without a name of container "main"',
      withMain({ env: [...(MAIN.env ?? []), { value: "x" }] }),
    ],
    [
      'it added a second env var "C" of container "main"',
      withMain({ env: [...(MAIN.env ?? []), { name: "C", value: "x" }, { name: "C", value: "x" }] }),
    ],
    [
      'it added a second env var "A" of container "main"',
      withMain({ env: [...(MAIN.env ?? []), { name: "A", value: "x" }] }),
    ],
    [
      'it set env var "LD_PRELOAD", which is not allowed, of container "main"',
      withMain({ env: [...(MAIN.env ?? []), { name: "LD_PRELOAD", value: "x" }] }),
    ],
  ])("%s", (problem, pod) => {
    expect(problemOfPod(pod)).toBe(problem);
  });

  it("another order of mounts", () => {
    const volumeMounts = ["/data", "/more"].map((mountPath) => ({ name: "data", mountPath }));
    const before: Pod = { spec: { containers: [{ name: "main", volumeMounts }] } };
    const pod = { spec: { containers: [{ name: "main", volumeMounts: volumeMounts.toReversed() }] } };
    expect(problemOf({ outcome: "injected", pod }, "flyte-v1", before)).toBe(
      'it changed the order of volume mounts of container "main"',
    );
  });

  describe("where secrets replace env vars of the user", () => {
    it("one that gives way to none", () => {
      expect(problemOfPod(withMain({ env: MAIN.env?.slice(0, 1) }), "flyte-v2")).toBe(
        'it removed or changed env var "B" of container "main"',
      );
    });

    it("one of another secret, which is not the user's", () => {
      const havingC = (value: string): Pod => withMain({ env: [...(MAIN.env ?? []), { name: "C", value }] }) as Pod;
      expect(checkInjection(havingC("1"), injected(havingC("2")), contextOf(POD, "flyte-v2"))).toBe(
        'it removed or changed env var "C" of container "main"',
      );
    });
  });

  it.each<[string, object]>([
    ["securityContext.privileged", { securityContext: { privileged: true } }],
    ["securityContext.capabilities.add", { securityContext: { capabilities: { add: ["SYS_ADMIN"] } } }],
    ["securityContext.procMount", { securityContext: { procMount: "Unmasked" } }],
    ["securityContext.seccompProfile", { securityContext: { seccompProfile: { type: "Unconfined" } } }],
    ["securityContext.appArmorProfile", { securityContext: { appArmorProfile: { type: "Unconfined" } } }],
    ["securityContext.windowsOptions.hostProcess", { securityContext: { windowsOptions: { hostProcess: true } } }],
    ["ports.hostPort", { ports: [{ containerPort: 80 }, { containerPort: 81, hostPort: 81 }] }],
    ["volumeDevices", { volumeDevices: [{ name: "disk", devicePath: "/dev/sda" }] }],
  ])("an init container with %s", (field, fields) => {
    const pod = withSpec({ initContainers: [...(POD.spec?.initContainers ?? []), { name: "fetch", ...fields }] });
    expect(problemOfPod(pod)).toBe(`it added init container "fetch" with ${field}, which is not allowed`);
  });
});

describe("a pod that is not what it looks like", () => {
  class Volume {
    readonly name = "v";
  }

  it.each<[string, unknown]>([
    ["it returned a value of type function at spec.containers.0.command", withMain({ command: () => [] })],
    ["it returned a value of type symbol at spec.x", withSpec({ x: Symbol("x") })],
    ["it returned a value of type bigint at spec.x", withSpec({ x: 1n })],
    ["it returned a number that is none in JSON at spec.x", withSpec({ x: Number.NaN })],
    ["it returned an object of a class at spec.x", withSpec({ x: new Date(0) })],
    ["it returned an object of a class at spec.x", withSpec({ x: new Map() })],
    [
      "it returned an object of a class at spec.volumes.2",
      withSpec({ volumes: [...(POD.spec?.volumes ?? []), new Volume()] }),
    ],
    // oxlint-disable-next-line no-sparse-arrays -- that is the point
    ["it returned a value of type undefined at spec.x.1", withSpec({ x: [1, , 2] })],
    ["it returned too many values", withSpec({ x: Array.from({ length: 100_001 }, () => 0) })],
  ])("%s", (problem, pod) => {
    expect(problemOfPod(pod)?.startsWith(problem)).toBe(true);
  });

  it("goes in circles", () => {
    const spec: Record<string, unknown> = { ...POD.spec };
    spec["x"] = { spec };
    expect(problemOfPod({ ...POD, spec })).toMatch(/^it returned values that nest too deep at spec\.x\.spec\.x/);
  });

  it("is too large", () => {
    const x = Array.from({ length: 100_000 }, () => ({}));
    expect(problemOfPod(withSpec({ x }))).toMatch(/^it returned too many values at spec\.x\./);
  });

  it("throws when it is read", () => {
    const hostile = new Proxy(POD, {
      ownKeys: () => {
        throw new Error("canary");
      },
    });
    expect(problemOfPod(hostile)).toBe("it returned an object that cannot be read");
  });
});

/** The pod that comes out when an injector returns `make(pod)`. */
async function podFrom(make: (pod: Pod) => unknown): Promise<Pod> {
  const injector: SecretInjector = {
    name: "hostile",
    inject: (pod) => ({ outcome: "injected", pod: make(pod) }) as Injection,
  };
  const before = askingPod([{ group: "g", key: "k" }]);
  const mutation = await mutatePod(before, FACTS, settingsWith([injector]));
  if (mutation.outcome === "refused") throw new Error(mutation.message);
  return mutation.pod;
}

describe("what was taken from an injector", () => {
  it("was read once: a getter that changes its mind is heard once", async () => {
    let reads = 0;
    const pod = await podFrom((before) => ({
      ...before,
      metadata: {
        get annotations() {
          reads++;
          return reads === 1 ? { ...before.metadata?.annotations, a: "good" } : { a: "evil" };
        },
      },
    }));
    expect(reads).toBe(1);
    expect(pod.metadata?.annotations?.["a"]).toBe("good");
  });

  it("has no Proxy left in it", async () => {
    const kept: EnvVar[] = [];
    let isEvil = false;
    const pod = await podFrom((before) => {
      const entry = new Proxy(
        { name: "A", value: "good" },
        {
          get: (target, key) => (isEvil && key === "value" ? "evil" : (Reflect.get(target, key) as unknown)),
        },
      );
      kept.push(entry);
      return addEnv(before, contextOf(before), [entry]);
    });
    isEvil = true;
    expect(kept[0]?.value).toBe("evil");
    expect(pod.spec?.containers[0]?.env).toEqual([{ name: "A", value: "good" }]);
  });

  it("cannot be changed afterwards", async () => {
    const entry = { name: "A", value: "good" };
    const pod = await podFrom((before) => addEnv(before, contextOf(before), [entry]));
    entry.value = "evil";
    expect(pod.spec?.containers[0]?.env).toEqual([{ name: "A", value: "good" }]);
  });

  it("does not reach a prototype", async () => {
    const pod = await podFrom((before) => {
      const annotations = JSON.parse('{"__proto__":{"polluted":"yes"}}') as Record<string, string>;
      return { ...before, ...annotations };
    }).catch((error: unknown) => error);
    expect(String(pod)).toContain('it changed "__proto__" of the pod');
    expect(Object.hasOwn(Object.prototype, "polluted")).toBe(false);
  });

  it("keeps a field named __proto__ a field", async () => {
    const parameters = '{"__proto__":{"polluted":"yes"},"also":{"__proto__":"text"}}';
    const pod = await podFrom((before) => {
      const csi = { driver: "csi.example.com", volumeAttributes: JSON.parse(parameters) as Record<string, string> };
      return { ...before, spec: { containers: [], ...before.spec, volumes: [{ name: "v", csi }] } };
    });
    const attributes = pod.spec?.volumes?.[0]?.csi?.volumeAttributes;
    expect(JSON.stringify(attributes)).toBe(parameters);
    expect(Object.getPrototypeOf(attributes)).toBe(Object.prototype);
  });
});

type EnvVar = NonNullable<Container["env"]>[number];
