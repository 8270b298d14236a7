/** What a user wrote is taken apart once, however many secrets a pod gets: all admissions share one thread. */
import { afterEach, describe, expect, test, vi } from "vitest";

import { addEnv, addMount, addSecretItem, injected, mutatePod, type Pod, type SecretInjector } from "../src/index.ts";
import { FACTS, askingPod, settingsWith } from "./fixtures.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

const files: SecretInjector = {
  name: "files",
  inject: (pod, { group, key, source }, context) => {
    const added = addSecretItem(pod, { secretName: group, groupVersion: "", key, path: key, optional: true });
    const mountPath = `/etc/flyte/secrets/${source.replaceAll("/", "-")}`;
    const mount = { name: added.volumeName, readOnly: true, mountPath };
    return injected(addMount(added.pod, context, mount));
  },
};

/** A pod that asks for as many keys, of one Secret or of as many. */
function podOf(secrets: number, isOne: boolean, spec: object, annotations: Readonly<Record<string, string>> = {}): Pod {
  const asks = Array.from({ length: secrets }, (_, index) => ({ group: isOne ? "g" : `g${index}`, key: `k${index}` }));
  const pod = askingPod(asks, { containers: [{ name: "main" }], ...spec });
  return { ...pod, metadata: { annotations: { ...pod.metadata?.annotations, ...annotations } } };
}

async function admit(pod: Pod): Promise<void> {
  expect((await mutatePod(pod, FACTS, settingsWith([files]))).outcome).toBe("changed");
}

/** 63 characters of base32, which are 39 bytes. */
function nameOf(index: number): string {
  return index
    .toString(26)
    .padStart(63, "a")
    .replaceAll(/[0-9]/g, (digit) => "qrstuvwxyz"[Number(digit)] as string);
}

describe("of 20 secrets none takes apart again", () => {
  test("a mount path", async () => {
    const split = vi.spyOn(String.prototype, "split");
    const volumeMounts = Array.from({ length: 10 }, (_, index) => ({ name: "v", mountPath: `/own/./${index}/` }));
    await admit(podOf(20, false, { volumes: [{ name: "v" }], containers: [{ name: "main", volumeMounts }] }));
    const own = split.mock.contexts.filter((path) => String(path).startsWith("/own/"));
    expect(own).toHaveLength(10);
  });

  test("the name of a volume", async () => {
    const bytes = vi.spyOn(String, "fromCharCode");
    const volumes = Array.from({ length: 10 }, (_, index) => ({
      name: nameOf(index),
      secret: { secretName: "g", items: [] },
    }));
    await admit(podOf(20, true, { volumes }));
    expect(bytes.mock.calls.filter(({ length }) => length === 39)).toHaveLength(10);
  });

  test("an annotation that announces a file", async () => {
    const lower = vi.spyOn(String.prototype, "toLowerCase");
    const annotations = Object.fromEntries(
      Array.from({ length: 10 }, (_, index) => [`vault.hashicorp.com/agent-inject-secret-OWN${index}`, "secret/own"]),
    );
    await admit(podOf(20, false, {}, { "vault.hashicorp.com/agent-inject": "true", ...annotations }));
    expect(lower.mock.contexts.filter((id) => String(id).startsWith("OWN"))).toHaveLength(10);
  });
});

test("an env var that a container has a thousand times gives way without a look at all of them for each", async () => {
  const giver: SecretInjector = {
    name: "giver",
    inject: (pod, _request, context) => injected(addEnv(pod, context, [{ name: "A", value: "secret" }])),
  };
  const env = Array.from({ length: 1000 }, (_, index) => ({ name: "A", value: String(index) }));
  const pod = askingPod([{ group: "g", key: "k" }], { containers: [{ name: "main", env }] });
  const looks = [vi.spyOn(Array.prototype, "includes"), vi.spyOn(Array.prototype, "some")];
  const mutation = await mutatePod(pod, FACTS, settingsWith([giver], "flyte-v2"));
  const long = looks.flatMap(({ mock }) => mock.contexts).filter((list) => (list as readonly unknown[]).length >= 900);
  expect(mutation.outcome).toBe("changed");
  expect(long.length).toBeLessThan(10);
});
