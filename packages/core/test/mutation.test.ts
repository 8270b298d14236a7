/** The way of one pod: unchanged, changed or refused. */
import { describe, expect, it } from "vitest";

import {
  addEnv,
  addVolume,
  encodeRequests,
  injected,
  mutatePod,
  refused,
  skipped,
  type Pod,
  type SecretInjector,
} from "../src/index.ts";
import { FACTS, askingPod, settingsWith } from "./fixtures.ts";

const GIVER: SecretInjector = {
  name: "giver",
  inject: (pod, _request, context) => injected(addEnv(pod, context, [{ name: "A", value: "v" }]), ["mind the gap"]),
};
const ASK = [{ group: "g", key: "k" }];

describe("a pod", () => {
  it("that asks for nothing is unchanged, whatever else is in it", async () => {
    const pod = { spec: { containers: "none" } } as unknown as Pod;
    expect(await mutatePod(pod, FACTS, settingsWith([GIVER]))).toEqual({
      outcome: "unchanged",
      pod,
      decisions: [],
      warnings: [],
    });
  });

  it("that gets a secret is changed", async () => {
    expect(await mutatePod(askingPod(ASK), FACTS, settingsWith([GIVER]))).toMatchObject({
      outcome: "changed",
      patch: [{ op: "add", path: "/spec/containers/0/env", value: [{ name: "A", value: "v" }] }],
      warnings: ["mind the gap"],
      decisions: [{ outcome: "injected", injector: "giver" }],
    });
  });

  it("that has it already is unchanged, and still decided on", async () => {
    const pod = askingPod(ASK, { containers: [{ name: "main", env: [{ name: "A", value: "v" }] }] });
    expect(await mutatePod(pod, FACTS, settingsWith([GIVER]))).toMatchObject({
      outcome: "unchanged",
      warnings: ["mind the gap"],
      decisions: [{ outcome: "injected" }],
    });
  });

  it("whose annotation cannot be read is refused with its code", async () => {
    const pod = { ...askingPod(ASK), metadata: { annotations: { "flyte.secrets/s0": "!" } } };
    expect(await mutatePod(pod, FACTS, settingsWith([GIVER]))).toEqual({
      outcome: "refused",
      code: "E_ANNOTATION",
      message:
        "pod-secrets: E_ANNOTATION: annotation flyte.secrets/s0: illegal base32 data at input byte 0. Fix: Let the platform (Flyte propeller, or `encodeRequests` of @pod-secrets/core) write these annotations.",
      decisions: [],
    });
  });

  it("whose secret nobody has is refused with the first code", async () => {
    const picky: SecretInjector = { name: "picky", inject: () => refused("E_KEY_REQUIRED", "no key", "Set it.") };
    expect(await mutatePod(askingPod(ASK), FACTS, settingsWith([picky]))).toMatchObject({
      outcome: "refused",
      code: "E_KEY_REQUIRED",
      message: expect.stringContaining("no key") as unknown,
    });
  });

  it("that the API server would not take is refused, though every injector was content", async () => {
    const wrong: SecretInjector = {
      name: "wrong",
      inject: (pod) => injected(addVolume(pod, { name: "v", secret: { secretName: "No Name" } })),
    };
    expect(await mutatePod(askingPod(ASK), FACTS, settingsWith([wrong]))).toMatchObject({
      outcome: "refused",
      code: "E_POD_INVALID",
      message: expect.stringContaining('"No Name" is no valid Secret name') as unknown,
      decisions: [{ code: "E_WITHDRAWN", message: "wrong has it, but the pod cannot get all its secrets" }],
    });
  });

  it("starts without its secrets where the configuration says so, and says why", async () => {
    const none: SecretInjector = { name: "none", inject: () => skipped("it is empty") };
    const settings = settingsWith([none], "flyte-v1", "admit");
    const pod = askingPod(ASK);
    expect(await mutatePod(pod, FACTS, settings)).toMatchObject({
      outcome: "unchanged",
      pod,
      warnings: [
        "the pod starts without its secrets (onFailure: admit)",
        expect.stringMatching(/^E_NOT_INJECTED: group "g" key "k" .*none: it is empty/),
      ],
      decisions: [{ outcome: "refused" }],
      failure: {
        code: "E_NOT_INJECTED",
        message: expect.stringMatching(
          /^pod-secrets: 1 of 1 secrets cannot be injected: \(1\) E_NOT_INJECTED: /,
        ) as unknown,
      },
    });
    const unreadable = { metadata: { annotations: { "flyte.secrets/s0": "!" } } };
    expect(await mutatePod(unreadable, FACTS, settings)).toMatchObject({
      outcome: "unchanged",
      warnings: [
        "the pod starts without its secrets (onFailure: admit)",
        expect.stringContaining("E_ANNOTATION: annotation flyte.secrets/s0"),
      ],
      failure: {
        code: "E_ANNOTATION",
        message: expect.stringMatching(/^pod-secrets: E_ANNOTATION: annotation flyte.secrets\/s0/) as unknown,
      },
    });
  });

  it.each<[string, object]>([
    ['pod.kind is "Job"', { kind: "Job" }],
    ["pod.kind is no text", { kind: 1 }],
    ["pod.spec is no object", { spec: [] }],
    ["pod.spec.containers is no list", { spec: { containers: {} } }],
    ["pod.spec.containers[0] is no object", { spec: { containers: [null] } }],
    ["pod.spec.containers[0].name is no text", { spec: { containers: [{}] } }],
    ["pod.spec.containers[0].env[0].name is no text", { spec: { containers: [{ name: "c", env: [{ value: "x" }] }] } }],
    [
      "pod.spec.initContainers[0].volumeMounts[0].mountPath is no text",
      { spec: { initContainers: [{ name: "c", volumeMounts: [{ name: "v" }] }] } },
    ],
    ["pod.spec.volumes[0].name is no text", { spec: { volumes: [{ emptyDir: {} }] } }],
    ["pod.spec.volumes[0].secret is no object", { spec: { volumes: [{ name: "v", secret: "s" }] } }],
    [
      "pod.spec.volumes[0].secret.items[0].path is no text",
      { spec: { volumes: [{ name: "v", secret: { items: [{ key: "a" }] } }] } },
    ],
    [
      "pod.spec.volumes[0].secret.items[0].key is no text",
      { spec: { volumes: [{ name: "v", secret: { items: [{ key: {}, path: "a" }] } }] } },
    ],
    ["pod.spec.imagePullSecrets[0] is no object", { spec: { imagePullSecrets: ["s"] } }],
  ])("that cannot be walked over is refused: %s", async (fault, fields) => {
    const mutation = await mutatePod({ ...askingPod(ASK), ...fields }, FACTS, settingsWith([GIVER]));
    expect(mutation).toMatchObject({
      outcome: "refused",
      code: "E_POD_INVALID",
      message: `pod-secrets: E_POD_INVALID: the pod cannot be read: ${fault}. Fix: Write the pod as Kubernetes takes it.`,
    });
  });

  it("whose other annotations are no texts is refused", async () => {
    const pod = { metadata: { annotations: { ...encodeRequests(ASK), a: 1 } } } as unknown as Pod;
    expect(await mutatePod(pod, FACTS, settingsWith([GIVER]))).toMatchObject({
      message: expect.stringContaining('pod.metadata.annotations["a"] is no text') as unknown,
    });
  });

  it("may have null for what is absent, as Go writes it", async () => {
    const spec = {
      volumes: null,
      initContainers: null,
      imagePullSecrets: null,
      containers: [{ name: "c", env: null, volumeMounts: null }],
    };
    const pod = askingPod(ASK, spec as unknown as NonNullable<Pod["spec"]>);
    expect(await mutatePod(pod, FACTS, settingsWith([GIVER]))).toMatchObject({
      outcome: "changed",
      patch: [{ op: "replace", path: "/spec/containers/0/env" }],
    });
  });
});
