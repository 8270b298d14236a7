/** What the secrets of a pod put into every container: two that exclude each other are refused, whatever containers hold. */
import { describe, expect, it, test } from "vitest";

import {
  addAnnotations,
  addEnv,
  addMount,
  addVolume,
  injected,
  mutatePod,
  skipped,
  type EnvVar,
  type Pod,
  type SecretInjector,
  type VolumeMount,
} from "../src/index.ts";
import { openClaims } from "../src/pod-editing/claims.ts";
import { FACTS, PROFILE_NAMES, askingPod, settingsWith } from "./fixtures.ts";
import { thrownBy } from "./thrown.ts";

const A: EnvVar = { name: "A", value: "1" };
const MOUNT: VolumeMount = { name: "v", mountPath: "/etc/flyte/secrets/g", readOnly: true };
const ROOT: VolumeMount = { name: "root", mountPath: "/etc/flyte/secrets", readOnly: true };

function claimsOf(...env: readonly EnvVar[]): ReturnType<typeof openClaims> {
  const book = openClaims("/etc/flyte/secrets");
  for (const entry of env) book.claims.env(entry);
  return book;
}

describe("a claim on an env var", () => {
  it("may be made again for the same", () => {
    const source = { valueFrom: { secretKeyRef: { name: "s", key: "k" } } };
    const book = claimsOf(A, { name: "B" }, { name: "C", ...source });
    for (const same of [{ ...A }, { name: "B", value: "" }, { name: "C", ...structuredClone(source) }])
      expect(() => book.claims.env(same)).not.toThrow();
  });

  it.each<EnvVar>([
    { name: "A", value: "2" },
    { name: "A" },
    { name: "A", valueFrom: { secretKeyRef: { name: "s", key: "k" } } },
  ])("is refused for anything else: %j", (other) => {
    expect(thrownBy(() => claimsOf(A).claims.env(other))).toMatchObject({ code: "E_ENV_COLLISION" });
    expect(thrownBy(() => claimsOf(other).claims.env(A))).toMatchObject({ code: "E_ENV_COLLISION" });
  });

  it("is of what it said, whatever an injector makes of its object afterwards", () => {
    const own = { name: "A", value: "1" };
    const { claims } = claimsOf(own);
    own.value = "2";
    expect(() => claims.env(A)).not.toThrow();
    expect(thrownBy(() => claims.env(own)).code).toBe("E_ENV_COLLISION");
  });

  it("is void when the secret is not given by whoever made it", () => {
    const book = claimsOf(A);
    book.drop();
    expect(() => book.claims.env({ name: "A", value: "2" })).not.toThrow();
    book.keep();
    book.drop();
    expect(book.hasEnv("A")).toBe(true);
  });
});

describe("a claim on a mount", () => {
  it.each([
    [{ ...MOUNT, name: "other" }, "is mounted at"],
    [ROOT, "is mounted below"],
    [{ ...MOUNT, name: "other", mountPath: "/etc/flyte/secrets/g/h" }, "is mounted read-only above"],
  ])("is refused for one that cannot be in a container with it: %j", (other, how) => {
    const book = claimsOf();
    book.claims.mount(MOUNT);
    expect(thrownBy(() => book.claims.mount(other)).message).toBe(
      `volume "v" of another secret ${how} "${other.mountPath}"`,
    );
  });

  it("may be made again, and for others beside it", () => {
    const book = claimsOf();
    for (const mount of [MOUNT, { ...MOUNT }, { ...MOUNT, name: "w", mountPath: "/etc/flyte/secrets/gg" }])
      book.claims.mount(mount);
    expect(book.mounts).toHaveLength(2);
  });

  it("may be made for one volume at two paths: a container gets the first, wherever that is", () => {
    const book = claimsOf();
    for (const mountPath of [MOUNT.mountPath, `${MOUNT.mountPath}/h`])
      expect(() => book.claims.mount({ ...MOUNT, mountPath })).not.toThrow();
  });

  it("is of what it said, whatever an injector makes of its object afterwards", () => {
    const own = { ...MOUNT };
    const book = claimsOf();
    book.claims.mount(own);
    own.name = "other";
    expect(book.mounts).toEqual([MOUNT]);
    expect(thrownBy(() => book.claims.mount(own)).code).toBe("E_MOUNT_CONFLICT");
  });

  it("is void when the secret is not given by whoever made it, and those before stand", () => {
    const book = claimsOf();
    book.claims.mount(MOUNT);
    book.keep();
    book.claims.mount({ ...MOUNT, name: "dropped", mountPath: "/dropped" });
    book.drop();
    expect(book.mounts).toEqual([MOUNT]);
    const next = { ...MOUNT, name: "next", mountPath: "/next" };
    book.claims.mount(next);
    expect(book.mounts).toEqual([MOUNT, next]);
    expect(thrownBy(() => book.claims.mount({ ...next, name: "rival" })).code).toBe("E_MOUNT_CONFLICT");
  });
});

/** Gives a read-only volume at the path that is the request's key. */
const mounter: SecretInjector = {
  name: "mounter",
  inject: (pod, { group, key }, context) =>
    injected(
      addMount(addVolume(pod, { name: group, emptyDir: {} }), context, { name: group, mountPath: key, readOnly: true }),
    ),
};

describe.each(PROFILE_NAMES)("under %s", (profile) => {
  test("mounts of two secrets that exclude each other are refused where a container has one of them elsewhere", async () => {
    const spec = {
      volumes: [{ name: "one", emptyDir: {} }],
      containers: [{ name: "main", volumeMounts: [{ name: "one", mountPath: "/own" }] }],
    };
    const asks = ["one", "two"].map((group) => ({ group, key: "/etc/flyte/secrets/x" }));
    for (const order of [asks, asks.toReversed()]) {
      const mutation = await mutatePod(askingPod(order, spec), FACTS, settingsWith([mounter], profile));
      expect(mutation).toMatchObject({ outcome: "refused", code: "E_MOUNT_CONFLICT" });
    }
  });

  test("a mount is refused that a later secret announces of another webhook", async () => {
    const announcer: SecretInjector = {
      name: "announcer",
      inject: (pod, { key }) =>
        key === "agent" ? injected(addAnnotations(pod, { "vault.hashicorp.com/agent-inject": "true" })) : skipped("no"),
    };
    const asks = [
      { group: "one", key: "/vault/secrets" },
      { group: "two", key: "agent" },
    ];
    for (const order of [asks, asks.toReversed()]) {
      const mutation = await mutatePod(askingPod(order), FACTS, settingsWith([announcer, mounter], profile));
      expect(mutation).toMatchObject({ outcome: "refused", code: "E_MOUNT_CONFLICT" });
    }
  });

  test("what an injector wanted that then skipped the secret, or failed, stands in nobody's way", async () => {
    const give = (value: string, pod: Pod, context: Parameters<SecretInjector["inject"]>[2]): Pod =>
      addEnv(pod, context, [{ name: "A", value }]);
    const skipping: SecretInjector = {
      name: "skipping",
      inject: (pod, _request, context) => (give("1", pod, context), skipped("not mine")),
    };
    const giving: SecretInjector = { name: "giving", inject: (pod, _, context) => injected(give("2", pod, context)) };
    const mutation = await mutatePod(
      askingPod([{ group: "g", key: "k" }]),
      FACTS,
      settingsWith([skipping, giving], profile),
    );
    expect(mutation).toMatchObject({ outcome: "changed", decisions: [{ injector: "giving" }] });
  });
});
