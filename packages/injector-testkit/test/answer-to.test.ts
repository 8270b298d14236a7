import { injected, skipped, type SecretInjector } from "@pod-secrets/core";
import { expect, test } from "vitest";

import { answerTo, testPod } from "../src/index.ts";

const injector: SecretInjector = {
  name: "by-key",
  inject: (pod, { key }, { naming, namespace }) =>
    key === "" ? skipped(`${naming.mountRoot} of ${namespace}`) : injected(pod),
};

test("the injector is asked for the request, in the pod's context, and its answer is as it gave it", async () => {
  const pod = testPod({}, { namespace: "orders" });
  expect(await answerTo({ key: "a" }, injector, pod)).toEqual({ outcome: "injected", pod });
  expect(await answerTo({}, injector, pod, { mountRoot: "/mnt" })).toEqual({
    outcome: "skipped",
    reason: "/mnt of orders",
  });
});
