import { describe, expect, test } from "vitest";

import {
  PROFILES,
  addEnv,
  addInitContainer,
  createNaming,
  encodeRequests,
  injected,
  mutatePod,
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

function settings(profile: ProfileName): MutationSettings {
  const injectors = [env, fetcher];
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
