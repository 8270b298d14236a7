import { describe, expect, test } from "vitest";

import { checkEnvVars } from "../src/asked-env-vars.ts";
import { addEnv, injected, mutatePod, refused, type Pod, type SecretInjector } from "../src/index.ts";
import { FACTS, askingPod, request, settingsWith } from "./fixtures.ts";
import { thrownBy } from "./thrown.ts";

/** Gives the value under the name that the request asks for. */
const injector: SecretInjector = {
  name: "env",
  inject(pod, { key, envVar }, context) {
    if (key === "bad") return refused("E_NOT_INJECTED", "there is none", "Ask for another.");
    return injected(addEnv(pod, context, [{ name: envVar, value: key }]));
  },
};

const ownVariable = { containers: [{ name: "main", env: [{ name: "TOKEN", value: "own" }] }] };

function asking(...keys: string[]): Pod {
  return askingPod(
    keys.map((key) => ({ group: "g", key, envVar: "TOKEN" })),
    ownVariable,
  );
}

describe("two secrets that ask for one env var", () => {
  test("are refused also where the container's own variable hides the clash", async () => {
    const mutation = await mutatePod(asking("a", "b"), FACTS, settingsWith([injector]));
    expect(mutation).toMatchObject({ outcome: "refused", code: "E_ENV_COLLISION" });
  });

  test("are one when they are the same secret", async () => {
    const mutation = await mutatePod(asking("a", "a"), FACTS, settingsWith([injector]));
    expect(mutation.outcome).toBe("unchanged");
  });

  test("may both have it when they have the same value", async () => {
    const asks = ["one", "other"].map((group) => ({ group, key: "same", envVar: "TOKEN" }));
    const mutation = await mutatePod(askingPod(asks), FACTS, settingsWith([injector]));
    expect(mutation.outcome).toBe("changed");
  });
});

test("with onFailure admit, no decision says that the pod has a secret that it does not get", async () => {
  const pod = askingPod([
    { group: "g", key: "a", envVar: "A" },
    { group: "g", key: "bad", envVar: "B" },
  ]);
  const mutation = await mutatePod(pod, FACTS, settingsWith([injector], "flyte-v1", "admit"));
  expect(mutation.outcome).toBe("unchanged");
  expect(mutation.decisions.map((decision) => decision.outcome === "refused" && decision.code)).toEqual([
    "E_WITHDRAWN",
    "E_NOT_INJECTED",
  ]);
});

test.each([{ group: "h" }, { groupVersion: "2" }, { key: "l" }])(
  "whatever the values are, secrets that differ in %j may not both ask for one",
  (difference) => {
    const one = request({ group: "g", groupVersion: "1", key: "k", envVar: "TOKEN" });
    const other = { ...one, source: "flyte.secrets/s1", ...difference };
    expect(() => checkEnvVars([one, { ...one, source: "flyte.secrets/s1" }])).not.toThrow();
    expect(thrownBy(() => checkEnvVars([one, other])).code).toBe("E_ENV_COLLISION");
  },
);
