/** What the annotations of a pod ask for, where Flyte leaves it to chance or to the API server. */
import { encodeRequests, MAX_SECRETS, type Pod, type SecretAsk } from "@pod-secrets/core";
import { allContainers, testPod } from "@pod-secrets/injector-testkit";
import { afterAll, expect, test, vi } from "vitest";

import { podAsking } from "./asking.ts";
import { admitted, composedOf } from "./composed.ts";

const { settings, ...composition } = await composedOf("{ global: false, managers: [{ use: k8s }] }");
afterAll(() => composition.dispose());

const secretNumber = (index: number): SecretAsk => ({
  group: "user-info",
  key: `k${index}`,
  mountRequirement: "ENV_VAR",
});

function valueNames(pod: Pod): readonly string[] {
  return allContainers(pod)[0]?.env?.flatMap(({ name, valueFrom }) => (valueFrom === undefined ? [] : [name])) ?? [];
}

test("secrets are given in the order of the number in the annotation's key", async () => {
  const encoded = encodeRequests(Array.from({ length: 12 }, (_, index) => secretNumber(index)));
  const shuffled = [11, 2, 0, 7, 10, 1, 9, 3, 8, 4, 6, 5].map((number) => `flyte.secrets/s${number}`);
  const annotations = Object.fromEntries(shuffled.map((key) => [key, encoded[key] ?? ""]));
  const mutation = await admitted(testPod({}, { annotations }), settings);
  if (mutation.outcome !== "changed") throw new Error(mutation.outcome);
  expect(valueNames(mutation.pod)).toEqual(Array.from({ length: 12 }, (_, index) => `_FSEC_USER-INFO_K${index}`));
});

test.each(["a:b", "a/b", "a b", "1A", "ä", "A=B", "A\nB"])("%j is no name for an env var", async (envVar) => {
  const mutation = await admitted(podAsking({ ...secretNumber(0), envVar }), settings);
  expect(mutation).toMatchObject({ outcome: "refused", code: "E_ENV_NAME" });
});

test("a pod may ask for 256 secrets, and not for one more", async () => {
  expect(MAX_SECRETS).toBe(256);
  const asks = Array.from({ length: MAX_SECRETS + 1 }, (_, index) => secretNumber(index));
  expect(await admitted(podAsking(...asks.slice(1)), settings)).toMatchObject({ outcome: "changed" });
  expect(await admitted(podAsking(...asks), settings)).toMatchObject({
    outcome: "refused",
    code: "E_TOO_MANY_SECRETS",
    message: expect.stringContaining("the pod asks for 257 secrets"),
  });
});

test("a global secret wins over a Kubernetes Secret of the same name", async () => {
  vi.stubEnv("FLYTE_SECRET_USER-INFO_K0", "global");
  const withGlobal = await composedOf("{ managers: [{ use: k8s }] }");
  vi.unstubAllEnvs();
  const mutation = await admitted(podAsking(secretNumber(0), secretNumber(1)), withGlobal.settings);
  await withGlobal.dispose();
  expect(mutation.decisions).toMatchObject([{ injector: "global" }, { injector: "k8s" }]);
  expect(allContainers(mutation.outcome === "changed" ? mutation.pod : {})[0]?.env).toContainEqual({
    name: "_FSEC_USER-INFO_K0",
    value: "global",
  });
});
