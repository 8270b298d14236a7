/** A container that one secret brings gets what the others put into all containers: so all are asked for once more. */
import { describe, expect, test } from "vitest";

import {
  PROFILES,
  addEnv,
  addInitContainer,
  createNaming,
  encodeRequests,
  injected,
  mutatePod,
  refused,
  skipped,
  type MutationSettings,
  type Pod,
  type ProfileName,
  type SecretInjector,
} from "../src/index.ts";

/** Gives an env var to all containers. */
const env: SecretInjector = {
  name: "env",
  inject: (pod, request, context) =>
    request.key === "env" ? injected(addEnv(pod, context, [{ name: "_A_B", value: "x" }])) : skipped("not mine"),
};

/** Brings a container of its own. */
const fetcher: SecretInjector = {
  name: "fetcher",
  inject: (pod) => injected(addInitContainer(pod, { name: "fetch", image: "fetch:1" }, "last")),
};

function settings(profile: ProfileName, injectors: readonly SecretInjector[] = [env, fetcher]): MutationSettings {
  return { profile: PROFILES[profile], naming: createNaming(PROFILES[profile]), injectors, onFailure: "deny" };
}

const facts = { namespace: "proj-dev", dryRun: false, deadline: Number.MAX_SAFE_INTEGER };

const pod: Pod = {
  metadata: {
    annotations: encodeRequests(
      ["env", "file"].map((key) => ({ group: "g", groupVersion: "", key, mountRequirement: "ANY", envVar: "" })),
    ),
  },
  spec: { containers: [{ name: "main" }] },
};

describe.each(["flyte-v1", "flyte-v2"] as const)("a container that a later secret brings, %s", (profile) => {
  test("has the env vars of the secrets before it", async () => {
    const mutation = await mutatePod(pod, facts, settings(profile));
    if (mutation.outcome !== "changed") throw new Error(`expected a change, not ${mutation.outcome}`);
    expect(mutation.pod.spec?.initContainers?.[0]?.env).toEqual([{ name: "_A_B", value: "x" }]);
  });

  test("gets nothing more when the API server calls again", async () => {
    const first = await mutatePod(pod, facts, settings(profile));
    if (first.outcome !== "changed") throw new Error(`expected a change, not ${first.outcome}`);
    const second = await mutatePod(first.pod, facts, settings(profile));
    expect(second.outcome).toBe("unchanged");
  });
});

test("warnings are those of the first time: then the user's env var was replaced", async () => {
  const own: Pod = { ...pod, spec: { containers: [{ name: "main", env: [{ name: "_A_B", value: "own" }] }] } };
  const { decisions } = await mutatePod(own, facts, settings("flyte-v2"));
  expect(decisions).toMatchObject([
    { warnings: ['in container "main" the pod\'s own env var "_A_B" is replaced'] },
    { injector: "fetcher", warnings: [] },
  ]);
});

test("a secret that is refused the second time refuses the pod", async () => {
  const onlyAlone: SecretInjector = {
    name: "only-alone",
    inject: (given, request) => {
      if (request.key !== "env") return skipped("not mine");
      return given.spec?.initContainers === undefined
        ? injected(given)
        : refused("E_CONTAINER_CONFLICT", "a container is there", "Remove it.");
    },
  };
  const mutation = await mutatePod(pod, facts, settings("flyte-v1", [onlyAlone, fetcher]));
  expect(mutation).toMatchObject({
    outcome: "refused",
    code: "E_CONTAINER_CONFLICT",
    decisions: [{ outcome: "refused", code: "E_CONTAINER_CONFLICT" }, { code: "E_WITHDRAWN" }],
  });
});

test("nobody is asked again for a pod that is refused anyway", async () => {
  const asked: string[] = [];
  const refusing: SecretInjector = {
    name: "refusing",
    inject: (_pod, { key }) => {
      asked.push(key);
      return key === "env" ? refused("E_GROUP_REQUIRED", "no", "Set it.") : skipped("not mine");
    },
  };
  expect((await mutatePod(pod, facts, settings("flyte-v1", [refusing, fetcher]))).outcome).toBe("refused");
  expect(asked).toEqual(["env", "file"]);
});
