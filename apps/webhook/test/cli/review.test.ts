import { applyPatch } from "@pod-secrets/core";
import { describe, expect, it } from "vitest";

import { podAsking, refusedPod } from "./pods.ts";
import { linesOf, run } from "./running.ts";

function review(object: unknown, fields: object = {}, apiVersion = "admission.k8s.io/v1"): object {
  const request = {
    uid: "705ab4f5-6393-11e8-b7cc-42010a800002",
    kind: { group: "", version: "v1", kind: "Pod" },
    resource: { group: "", version: "v1", resource: "pods" },
    namespace: "default",
    operation: "CREATE",
    object,
    dryRun: false,
    ...fields,
  };
  return { kind: "AdmissionReview", apiVersion, request };
}

interface Answer {
  readonly apiVersion: string;
  readonly response: {
    readonly uid: string;
    readonly allowed: boolean;
    readonly patch?: string;
    readonly status: { readonly code: number; readonly message?: string };
  };
}

function answers(stdout: string): readonly Answer[] {
  return linesOf(stdout).map((line) => JSON.parse(line) as Answer);
}

describe("inject --review", () => {
  it("answers one review per line, in its own version", async () => {
    const pod = podAsking();
    const stdin = `${JSON.stringify(review(pod))}\n${JSON.stringify(review(pod, { uid: "2" }, "admission.k8s.io/v1beta1"))}\n`;
    const { exit, stdout, stderr } = await run(["inject", "--review", "-"], { stdin });
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: "" });
    expect(answers(stdout)).toMatchObject([
      {
        kind: "AdmissionReview",
        apiVersion: "admission.k8s.io/v1",
        response: { uid: "705ab4f5-6393-11e8-b7cc-42010a800002", allowed: true, patchType: "JSONPatch" },
      },
      { kind: "AdmissionReview", apiVersion: "admission.k8s.io/v1beta1", response: { uid: "2", allowed: true } },
    ]);
  });

  it("gives the patch that inject makes of the pod", async () => {
    const pod = podAsking();
    const { stdout } = await run(["inject", "--review", "-"], { stdin: JSON.stringify(review(pod), null, 2) });
    const [answer] = answers(stdout);
    const patch = JSON.parse(Buffer.from(answer?.response.patch ?? "", "base64").toString()) as never;
    const { stdout: injected } = await run(["inject", "-o", "json", "-"], { stdin: JSON.stringify(pod) });
    expect(applyPatch(pod, patch)).toEqual(JSON.parse(injected));
  });

  it("answers a refused pod too, and ends with 1", async () => {
    const stdin = [review(refusedPod()), review(podAsking())].map((one) => JSON.stringify(one)).join("\n");
    const { exit, stdout } = await run(["inject", "--review", "-"], { stdin });
    expect(exit).toBe(1);
    expect(answers(stdout).map(({ response }) => response.allowed)).toEqual([false, true]);
    expect(answers(stdout)[0]?.response.status).toMatchObject({
      code: 400,
      message: expect.stringContaining("E_NOT_INJECTED"),
    });
  });

  it("allows what is not the creation of a pod", async () => {
    const stdin = JSON.stringify(review(null, { operation: "DELETE" }));
    expect(answers((await run(["inject", "--review", "-"], { stdin })).stdout)).toMatchObject([
      { response: { allowed: true } },
    ]);
  });

  it("tells of what is no review, answers the others, and ends with 2", async () => {
    const stdin = [podAsking(), review(podAsking()), { ...review(null), request: {} }]
      .map((one) => JSON.stringify(one))
      .join("\n");
    const { exit, stdout, stderr } = await run(["inject", "--review", "-"], { stdin });
    expect(exit).toBe(2);
    expect(answers(stdout)).toHaveLength(1);
    expect(linesOf(stderr)).toEqual([
      expect.stringMatching(/^pod-secrets: E_REVIEW: standard input: apiVersion is "v1", not .+\. Fix: .+\.$/),
      expect.stringMatching(/^pod-secrets: E_REVIEW: standard input:3: the request has no uid\. Fix: .+\.$/),
    ]);
  });
});
