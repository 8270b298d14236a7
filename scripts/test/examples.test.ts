import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";

import { BUILT_IN_INJECTORS } from "../../apps/webhook/src/compose/every-built-in.ts";
import { composeFile } from "../../apps/webhook/src/compose/from-file.ts";
import {
  INJECT_LABEL,
  answerReview,
  decodeRequests,
  decodeReview,
  type Decision,
  type Logger,
  type Mutation,
} from "../../packages/core/src/index.ts";
import { reviewOf } from "../start/api-server.ts";
import { readExamples, type Example } from "../start/examples.ts";

const folder = join(import.meta.dirname, "../../examples");
const examples = await readExamples(join(folder, "pods"));
const ignore = (): void => {};
const log: Logger = { debug: ignore, info: ignore, warn: ignore, error: ignore };

/** The webhook of the example config, with the one global secret that the examples ask for. */
async function admit({ pod }: Example): Promise<Mutation> {
  process.env["FLYTE_SECRET_OBSERVABILITY_API_TOKEN"] = "made-up";
  onTestFinished(() => void delete process.env["FLYTE_SECRET_OBSERVABILITY_API_TOKEN"]);
  const composed = await composeFile(join(folder, "config", "all-managers.yaml"), log);
  if (!composed.ok) throw new Error("the example config is wrong", { cause: composed.problems });
  onTestFinished(() => composed.composition.dispose());
  const review = decodeReview(structuredClone(reviewOf(pod)));
  const { mutation } = await answerReview(review, composed.composition.settings, Date.now() + 10_000);
  if (mutation === undefined) throw new Error("the review is not one for the creation of a pod");
  return mutation;
}

function resultOf(decision: Decision): string {
  return decision.outcome === "injected" ? decision.injector : `refused ${decision.code}`;
}

describe.each(examples)("the example pod $name", (example) => {
  const { name, title, pod, secrets } = example;

  test("says in its comments what its annotations say", () => {
    expect(title).toMatch(/^[A-Z].+\.$/);
    expect(secrets.map(({ request }) => request)).toEqual(decodeRequests(pod.metadata?.annotations));
  });

  test("is one that the API server would send to the webhook", () => {
    expect(pod).toMatchObject({ apiVersion: "v1", kind: "Pod" });
    expect(pod.metadata).toMatchObject({
      name: /^\d\d-(.+)\.yaml$/.exec(name)?.[1],
      labels: { [INJECT_LABEL]: "true" },
    });
    expect(pod.metadata?.namespace).not.toBe("");
  });

  test("gets its secrets from whom its comments say", async () => {
    const mutation = await admit(example);
    const expected = secrets.map(({ result }) => result);
    expect(mutation.decisions.map(resultOf)).toEqual(expected);
    expect(mutation.outcome).toBe(expected.some((result) => result.startsWith("refused")) ? "refused" : "changed");
  });
});

describe("the example pods together", () => {
  test("show every manager with everything that it gives, and ANY", async () => {
    const shown = new Set<string>();
    for (const { secrets } of examples)
      for (const { request, result } of secrets) shown.add(`${result} ${request.mountRequirement}`);
    // What reads at the admission is in no config but its own, and gives nothing to a command.
    const shownHere = BUILT_IN_INJECTORS.filter(({ meta }) => meta.readsAtAdmission !== true);
    const mounts = shownHere.flatMap(({ name, meta }) => meta.mounts.map((mount) => `${name} ${mount}`));
    // What cannot be asked for by itself is shown by ANY.
    const missing = mounts.filter((mount) => !shown.has(mount) && !shown.has(mount.replace(/ENV_VAR|FILE/, "ANY")));
    expect(missing).toEqual([]);
    expect([...shown].some((one) => one.endsWith(" ANY"))).toBe(true);
  });

  test("show one with several secrets, one with an env var of its own, and one that is refused for three reasons", () => {
    const counts = examples.map(({ secrets }) => secrets.filter(({ result }) => result.startsWith("refused")).length);
    expect(counts.filter((count) => count > 0)).toEqual([3]);
    const good = examples.filter((_example, index) => counts[index] === 0).map(({ secrets }) => secrets);
    expect(good.some((secrets) => new Set(secrets.map(({ result }) => result)).size > 1)).toBe(true);
    expect(good.some((secrets) => secrets.some(({ request }) => request.envVar !== ""))).toBe(true);
  });
});
