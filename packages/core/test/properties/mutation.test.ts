/** What holds for every pod, whatever it asks for, and for any managers, under both profiles. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import {
  PROFILES,
  checkPod,
  createNaming,
  mutatePod,
  type Container,
  type Mutation,
  type Pod,
  type ProfileName,
} from "../../src/index.ts";
import { MAX_REFUSAL_BYTES } from "../../src/refusal.ts";
import { arbitraryAskingPod, arbitraryJoiner, copyOf, deeplyFrozen } from "./arbitraries.ts";
import { MANAGERS, type ManagerName } from "./managers.ts";
import { expectAtMost, expectEqual, expectToMake } from "./patch-result.ts";
import { podFaults } from "./pod-rules.ts";
import { PROPERTY_TIMEOUT, RANDOM, RUNS } from "./runs.ts";
import { thingsChanged } from "./things.ts";
import { changesOfUserContent } from "./user-content.ts";

interface Admission {
  readonly pod: Pod;
  readonly managers: readonly ManagerName[];
  readonly profile: ProfileName;
}

type Changed = Extract<Mutation, { outcome: "changed" }>;

const MANAGER_NAMES = Object.keys(MANAGERS) as readonly ManagerName[];

const arbitraryAdmission: fc.Arbitrary<Admission> = fc.record({
  pod: arbitraryAskingPod(),
  managers: fc.shuffledSubarray([...MANAGER_NAMES], { minLength: 1, maxLength: 3 }),
  profile: fc.constantFrom("flyte-v1", "flyte-v2"),
});

async function admit({ pod, managers, profile }: Admission): Promise<Mutation> {
  const facts = { namespace: "ns", dryRun: false, deadline: Number.MAX_SAFE_INTEGER };
  const injectors = managers.map((name) => MANAGERS[name]);
  const naming = createNaming(PROFILES[profile]);
  return await mutatePod(pod, facts, { profile: PROFILES[profile], naming, injectors, onFailure: "deny" });
}

/** Checks every admission that changes its pod, and that there are many. */
async function expectOfChanges(
  check: (admission: Admission, mutation: Changed) => void | Promise<void>,
): Promise<void> {
  let changes = 0;
  const property = fc.asyncProperty(arbitraryAdmission, async (admission) => {
    const mutation = await admit(admission);
    if (mutation.outcome !== "changed") return;
    changes++;
    await check(admission, mutation);
  });
  await fc.assert(property, RANDOM);
  expect(changes).toBeGreaterThan(RUNS / 4);
}

describe("a mutation", { timeout: PROPERTY_TIMEOUT }, () => {
  it("has a patch that makes it, with no more operations than things were added or replaced", async () => {
    await expectOfChanges(({ pod }, mutation) => {
      expectToMake(mutation.patch, pod, mutation.pod);
      expectAtMost(mutation.patch.length, thingsChanged(pod, mutation.pod));
    });
  });

  it("has nothing to add when the API server calls again", async () => {
    await expectOfChanges(async (admission, { pod }) => {
      const again = await admit({ ...admission, pod: asStored(pod) });
      if (again.outcome !== "unchanged") expect(again).toEqual({ outcome: "unchanged" });
    });
  });

  it("has something to add to a container that joined in between, and to no other", async () => {
    let joins = 0;
    const property = fc.asyncProperty(arbitraryAdmission, arbitraryJoiner(), async (admission, join) => {
      const mutation = await admit(admission);
      if (mutation.outcome === "refused") return;
      const pod = asStored(join(mutation.pod));
      const again = await admit({ ...admission, pod });
      if (again.outcome === "refused") expect(again).toEqual({ outcome: "changed" });
      if (again.outcome !== "changed") return;
      joins++;
      expectToMake(again.patch, pod, again.pod);
      expectEqual(withoutJoined(again.pod), withoutJoined(pod));
      const third = await admit({ ...admission, pod: asStored(again.pod) });
      if (third.outcome !== "unchanged") expect(third).toEqual({ outcome: "unchanged" });
    });
    await fc.assert(property, RANDOM);
    expect(joins).toBeGreaterThan(RUNS / 4);
  });

  it("is the same to the byte when annotations come in another order, and writes to nothing that it was given", async () => {
    await expectOfChanges(async (admission, { patch }) => {
      const again = await admit({ ...admission, pod: deeplyFrozen(withAnnotationsReversed(admission.pod)) });
      expectEqual(JSON.stringify(again.outcome === "changed" ? again.patch : again), JSON.stringify(patch));
    });
  });

  it("changes nothing that the user wrote", async () => {
    await expectOfChanges(({ pod, profile }, mutation) => {
      expectEqual(changesOfUserContent(pod, mutation.pod, profile), []);
    });
  });

  it("gives a pod that the API server takes", async () => {
    await expectOfChanges(({ pod }, mutation) => {
      expectEqual(podFaults(mutation.pod), []);
      checkPod(pod, copyOf(mutation.pod));
    });
  });

  it("injects every secret, or refuses with the first code and one line of at most 1,000 bytes", async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryAdmission, async (admission) => {
        const mutation = await admit(admission);
        const refused = mutation.decisions.filter((decision) => decision.outcome === "refused");
        if (mutation.outcome !== "refused") {
          expectEqual(refused, []);
          return;
        }
        expectEqual(refused.length, mutation.decisions.length);
        // Two secrets that ask for one env var may each be given, and are refused together.
        expectEqual(mutation.code, refused.find(({ code }) => code !== "E_WITHDRAWN")?.code ?? "E_ENV_COLLISION");
        expectEqual(/^pod-secrets: [^\p{C}]*$/u.test(mutation.message), true);
        expectAtMost(Buffer.byteLength(mutation.message), MAX_REFUSAL_BYTES);
        const faults = refused.filter(({ code }) => code === "E_INJECTOR_FAILED" || code === "E_INJECTOR_RESULT");
        expectEqual(faults, []);
      }),
      RANDOM,
    );
  });
});

describe("a pod that shares nothing with the one before", () => {
  it("is checked for what was added only, also where a variable of the user gave way", () => {
    const variable = (name: string, value: string): object => ({ name, value });
    const podWith = (env: readonly object[]): Pod => ({ spec: { containers: [{ name: "main", env }] } }) as Pod;
    const before = podWith([variable("a:b", "1"), variable("TOKEN", "mine"), variable("c:d", "2")]);
    const after = podWith([variable("TOKEN", "ours"), variable("a:b", "1"), variable("c:d", "2")]);
    expect(() => checkPod(before, after)).not.toThrow();
    expect(() => checkPod(before, podWith([variable("e:f", "3")]))).toThrow(/"e:f" is not valid/);
  });
});

/**
 * The pod as the API server sends it the second time: without null and empty texts, with defaults and the volume of its
 * token; another object in all its parts.
 */
function asStored(pod: Pod): Pod {
  return JSON.parse(JSON.stringify(pod), (key, value: unknown) => {
    if (value === null || value === "") return undefined;
    if (typeof value !== "object") return value;
    if (key === "secret") return { defaultMode: 420, ...value };
    if (key === "fieldRef") return { apiVersion: "v1", ...value };
    if (key === "volumes") return [...(value as readonly object[]), { name: "kube-api-access-x", projected: {} }];
    return "image" in value ? { imagePullPolicy: "Always", terminationMessagePolicy: "File", ...value } : value;
  }) as Pod;
}

function withoutJoined({ spec, ...pod }: Pod): Pod {
  const others = (list: readonly Container[] | undefined): readonly Container[] =>
    list?.filter(({ name }) => name !== "joined") ?? [];
  return copyOf({
    ...pod,
    spec: { ...spec, initContainers: others(spec?.initContainers), containers: others(spec?.containers) },
  });
}

function withAnnotationsReversed(pod: Pod): Pod {
  const annotations = Object.fromEntries(Object.entries(pod.metadata?.annotations ?? {}).toReversed());
  return copyOf({ ...pod, metadata: { ...pod.metadata, annotations } });
}
