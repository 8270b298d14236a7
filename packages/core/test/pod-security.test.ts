import { describe, expect, test } from "vitest";

import { injected, mutatePod, type Container, type Pod, type SecretInjector } from "../src/index.ts";
import { FACTS, askingPod, settingsWith } from "./fixtures.ts";

const pod = askingPod([{ group: "g", key: "k" }]);

async function codeFor(edit: (pod: Pod) => Pod): Promise<string | undefined> {
  const injector: SecretInjector = { name: "plugin", inject: (given) => injected(edit(given)) };
  const mutation = await mutatePod(pod, FACTS, settingsWith([injector]));
  return mutation.outcome === "refused" ? mutation.code : undefined;
}

function withInitContainer(fields: Partial<Container>): (pod: Pod) => Pod {
  return (given) => ({
    ...given,
    spec: { containers: [], ...given.spec, initContainers: [{ name: "fetch", image: "fetch:1", ...fields }] },
  });
}

describe("an injector may not add a container with", () => {
  test.each<[string, Partial<Container>]>([
    ["an SELinux type beyond the standard's", { securityContext: { seLinuxOptions: { type: "spc_t" } } }],
    ["an SELinux user", { securityContext: { seLinuxOptions: { user: "system_u" } } }],
    ["a probe of another host", { startupProbe: { httpGet: { port: 80, host: "169.254.169.254" } } }],
    ["a hook that calls another host", { lifecycle: { postStart: { httpGet: { port: 80, host: "10.0.0.1" } } } }],
    [
      "a mount that reaches the node",
      { volumeMounts: [{ name: "v", mountPath: "/v", mountPropagation: "Bidirectional" }] },
    ],
  ])("%s", async (_, fields) => {
    await expect(codeFor(withInitContainer(fields))).resolves.toBe("E_INJECTOR_RESULT");
  });

  test("but one with the SELinux type of containers, it may", async () => {
    const fields = { securityContext: { seLinuxOptions: { type: "container_t" } } };
    await expect(codeFor(withInitContainer(fields))).resolves.toBeUndefined();
  });
});

describe("an injector may not set", () => {
  test.each(["flyte.secrets/s9", "container.apparmor.security.beta.kubernetes.io/main"])(
    "annotation %s",
    async (key) => {
      const edit = (given: Pod): Pod => ({
        ...given,
        metadata: { ...given.metadata, annotations: { ...given.metadata?.annotations, [key]: "unconfined" } },
      });
      await expect(codeFor(edit)).resolves.toBe("E_INJECTOR_RESULT");
    },
  );
});
