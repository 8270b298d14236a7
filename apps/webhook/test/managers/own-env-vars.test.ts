/**
 * A pod may have an env var of the name that a secret gets. Flyte then silently keeps the pod's own (v1), or
 * silently replaces it (v2). The rules are the same here, but whoever creates the pod is told.
 */
import { answerReview, decodeReview, type Pod } from "@pod-secrets/core";
import { asReinvoked, testContainer } from "@pod-secrets/injector-testkit";
import { expect, test } from "vitest";

import { reviewOf } from "../server/reviews.ts";
import { podAsking, withContainers } from "./asking.ts";
import { admitted, composedOf } from "./composed.ts";

const V1 = (await composedOf("profile: flyte-v1\nmanagers: [{ use: k8s }]")).settings;
const V2 = (await composedOf("profile: flyte-v2\nmanagers: [{ use: k8s }]")).settings;

const env = (name: string, value = "mine") => ({ name, value });

async function warningsOf(pod: Pod, settings = V1): Promise<readonly string[]> {
  const mutation = await admitted(pod, settings);
  if (mutation.outcome === "refused") throw new Error(mutation.message);
  return mutation.warnings.filter((warning) => !warning.startsWith("the pod starts only when"));
}

const SECRET = { group: "db", key: "password", mountRequirement: "ENV_VAR", envVar: "DB_PASSWORD" } as const;

test("v1: the pod keeps its own env var, and a warning names it and the container", async () => {
  const pod = withContainers(podAsking(SECRET), [testContainer({ env: [env("DB_PASSWORD")] })]);
  expect(await warningsOf(pod)).toEqual(['container "main" keeps its own env var "DB_PASSWORD"']);
});

test("v2: the pod's own env var is replaced, and a warning names it and the container", async () => {
  const pod = withContainers(podAsking(SECRET), [testContainer({ env: [env("DB_PASSWORD")] })]);
  expect(await warningsOf(pod, V2)).toEqual(['in container "main" the pod\'s own env var "DB_PASSWORD" is replaced']);
});

test("v1: an own variable that says where secrets are sends the task elsewhere, and the warning says so", async () => {
  const pod = withContainers(podAsking({ group: "db", key: "password", mountRequirement: "FILE" }), [
    testContainer({ env: [env("FLYTE_SECRETS_DEFAULT_DIR", "/mnt"), env("FLYTE_SECRETS_FILE_PREFIX", "x-")] }),
  ]);
  expect(await warningsOf(pod)).toEqual([
    'container "main" keeps its own env var "FLYTE_SECRETS_DEFAULT_DIR", so it may not find its secrets',
    'container "main" keeps its own env var "FLYTE_SECRETS_FILE_PREFIX", so it may not find its secrets',
  ]);
});

test.each([
  ["v1", V1],
  ["v2", V2],
])("%s: an own variable with the same value is no news", async (_, settings) => {
  const pod = withContainers(podAsking(SECRET), [
    testContainer({ env: [env("FLYTE_SECRETS_ENV_PREFIX", settings.naming.envPrefix)] }),
  ]);
  expect(await warningsOf(pod, settings)).toEqual([]);
});

test.each([
  ["v1", V1, 'container "main" keeps its own env var "DB_PASSWORD"', ["other", "mine"]],
  ["v2", V2, 'in container "main" the pod\'s own env var "DB_PASSWORD" is replaced', [undefined]],
])("%s: of a name that the pod has twice, the last is the one that counts", async (_, settings, warning, values) => {
  const pod = withContainers(podAsking(SECRET), [
    testContainer({ env: [env("DB_PASSWORD", "other"), env("DB_PASSWORD", "mine")] }),
  ]);
  const mutation = await admitted(pod, settings);
  if (mutation.outcome !== "changed")
    throw new Error(mutation.outcome === "refused" ? mutation.message : mutation.outcome);
  expect(mutation.warnings).toEqual([warning]);
  const left = mutation.pod.spec?.containers[0]?.env?.filter(({ name }) => name === "DB_PASSWORD");
  expect(left?.map(({ value }) => value)).toEqual(values);
});

test("v2: where the last of two has the secret's value, the pod keeps both, and else that alone", async () => {
  const own = (...values: readonly string[]): Pod =>
    withContainers(podAsking({ group: "db", key: "k", mountRequirement: "FILE" }), [
      testContainer({ env: values.map((value) => env("FLYTE_SECRETS_DEFAULT_DIR", value)) }),
    ]);
  const directories = async (pod: Pod): Promise<unknown> => {
    const mutation = await admitted(pod, V2);
    if (mutation.outcome !== "changed")
      throw new Error(mutation.outcome === "refused" ? mutation.message : mutation.outcome);
    const vars = mutation.pod.spec?.containers[0]?.env ?? [];
    return vars.filter(({ name }) => name === "FLYTE_SECRETS_DEFAULT_DIR").map(({ value }) => value);
  };
  expect(await directories(own("/mnt", "/etc/flyte/secrets"))).toEqual(["/mnt", "/etc/flyte/secrets"]);
  expect(await directories(own("/etc/flyte/secrets", "/mnt"))).toEqual(["/etc/flyte/secrets"]);
  expect(await directories(own("/mnt", "/etc/flyte/secrets", "/mnt"))).toEqual(["/etc/flyte/secrets"]);
});

test("each name and container is told once, however many secrets meet it", async () => {
  const asks = ["a", "b", "c"].map((key) => ({ group: "db", key, mountRequirement: "ENV_VAR" }) as const);
  const own = [env("FLYTE_SECRETS_ENV_PREFIX", "MINE_")];
  const pod = withContainers(
    podAsking(...asks),
    [testContainer({ name: "one", env: own }), testContainer({ name: "two" })],
    [testContainer({ name: "init", env: own })],
  );
  expect(await warningsOf(pod)).toEqual([
    'container "init" keeps its own env var "FLYTE_SECRETS_ENV_PREFIX", so it may not find its secrets',
    'container "one" keeps its own env var "FLYTE_SECRETS_ENV_PREFIX", so it may not find its secrets',
  ]);
});

test("the number of warnings is bounded", async () => {
  const containers = Array.from({ length: 100 }, (_, at) =>
    testContainer({ name: `c${at}`, env: [env("DB_PASSWORD")] }),
  );
  expect(await warningsOf(withContainers(podAsking(SECRET), containers))).toHaveLength(30);
});

test("v1 says the same when the API server calls again; v2 has nothing left to replace", async () => {
  const pod = withContainers(podAsking(SECRET), [testContainer({ env: [env("DB_PASSWORD")] })]);
  const again = async (settings: typeof V1): Promise<readonly string[]> => {
    const first = await admitted(pod, settings);
    if (first.outcome === "refused") throw new Error(first.message);
    return warningsOf(asReinvoked(first.pod), settings);
  };
  expect(await again(V1)).toEqual(await warningsOf(pod, V1));
  expect(await again(V2)).toEqual([]);
});

test("a manager that then skips the secret has told nothing", async () => {
  const skipping = {
    name: "skipping",
    inject: (...[, , { warn }]: Parameters<(typeof V1.injectors)[0]["inject"]>) => {
      warn?.("not to be seen");
      return { outcome: "skipped", reason: "not mine" } as const;
    },
  };
  expect(await warningsOf(podAsking(SECRET), { ...V1, injectors: [skipping, ...V1.injectors] })).toEqual([]);
});

test("what is no text, or has control characters, does not reach the answer as such", async () => {
  const loud = {
    name: "loud",
    inject: (...[pod, , { warn }]: Parameters<(typeof V1.injectors)[0]["inject"]>) => {
      warn?.({} as string);
      warn?.("one\ntwo");
      return { outcome: "injected", pod } as const;
    },
  };
  expect(await warningsOf(podAsking(SECRET), { ...V1, injectors: [loud] })).toEqual(["one\\u000atwo"]);
});

test("the warning stands in the answer to the API server", async () => {
  const pod = withContainers(podAsking(SECRET), [testContainer({ env: [env("DB_PASSWORD")] })]);
  const review = decodeReview(JSON.parse(reviewOf(pod)));
  const { response } = await answerReview(review, V1, Date.now() + 60_000);
  expect(response.warnings).toContain('container "main" keeps its own env var "DB_PASSWORD"');
});
