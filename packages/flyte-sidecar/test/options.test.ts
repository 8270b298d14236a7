import type { Pod } from "@pod-secrets/core";
import { expect, test } from "vitest";

import { rootWarnings } from "../src/index.ts";
import { admitted, initContainers, podAsking, sidecarOptions, vendingManager, vendingOptions } from "./pods.ts";

test("without any, Flyte's sidecar as Flyte has it", () => {
  const amount = { cpu: "200m", memory: "500Mi" };
  expect(vendingOptions.parse({})).toEqual({
    mode: "flyte-sidecar",
    image: "example.com/vend:1",
    resources: { requests: amount, limits: amount },
    position: "last",
  });
});

test("of `fetch` are the container's and the store's", () => {
  const options = vendingOptions.parse({ mode: "fetch", fetcher: { image: "a" }, settings: { machine: "b" } });
  expect(options).toMatchObject({ mode: "fetch", fetcher: { image: "a" }, settings: { machine: "b" } });
  expect(Object.keys(options)).toEqual(["mode", "fetcher", "settings"]);
  expect(vendingOptions.parse({ mode: "fetch", fetcher: { image: "a" } })).toMatchObject({ settings: {} });
});

test("image, pull policy, resources and security context are in the container", async () => {
  const options = {
    image: "registry.example.com/puller:1",
    imagePullPolicy: "IfNotPresent",
    resources: { limits: { cpu: 1, memory: "64Mi" } },
    securityContext: { runAsUser: 65532, runAsNonRoot: true, capabilities: { drop: ["ALL"] } },
  };
  const pod = await admitted(podAsking([{ group: "a", key: "b" }]), vendingManager(options));
  expect(initContainers(pod)).toMatchObject([{ ...options, resources: { limits: { cpu: "1", memory: "64Mi" } } }]);
});

test.each([
  [{ mode: "csi" }, ["mode"]],
  [{ fetcher: { image: "a" } }, ["fetcher"]],
  [{ settings: {} }, ["settings"]],
  [{ mode: "fetch" }, ["fetcher"]],
  [{ mode: "fetch", fetcher: { image: "a" }, image: "b" }, ["image"]],
  [{ mode: "fetch", fetcher: { image: "a" }, imagePullPolicy: "Never" }, ["imagePullPolicy"]],
  [{ mode: "fetch", fetcher: { image: "a" }, resources: {} }, ["resources"]],
  [{ mode: "fetch", fetcher: { image: "a" }, securityContext: {} }, ["securityContext"]],
  [{ mode: "fetch", fetcher: { image: "a" }, position: "first" }, ["position"]],
  [{ mode: "fetch", fetcher: { image: "a" }, settings: { coin: 1 } }, ["settings"]],
  [{ securityContext: { privileged: true } }, ["securityContext"]],
])("%j is refused, and the place is named", (options, path) => {
  expect(vendingOptions.safeParse(options).error?.issues).toMatchObject([{ path }]);
});

test.each<[object, object, number]>([
  [{}, { runAsNonRoot: true }, 1],
  [{ securityContext: { runAsUser: 65532 } }, { runAsNonRoot: true }, 0],
  [{ securityContext: { runAsNonRoot: false } }, { runAsNonRoot: true }, 0],
  [{}, { runAsNonRoot: true, runAsUser: 1000 }, 0],
  [{}, {}, 0],
])("with %j, a pod with %j is warned %i times that the image runs as root", (options, securityContext, count) => {
  const pod: Pod = podAsking([], { securityContext });
  expect(rootWarnings(pod, sidecarOptions(options))).toHaveLength(count);
});
