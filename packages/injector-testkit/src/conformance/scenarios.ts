/** Random admissions of the injector under test, and the properties that are proved with them. */
import fc from "fast-check";

import {
  describeRequest,
  type Pod,
  type ProfileName,
  type SecretInjector,
  type SecretRequest,
} from "@pod-secrets/core";

import { arbitraryPod } from "../arbitraries/pods.ts";
import { arbitraryRequest } from "../arbitraries/requests.ts";
import { testHost, type ContextSettings } from "../contexts.ts";
import { openInjector } from "../open-injector.ts";
import { testContainer, testPod } from "../pods.ts";
import { secretRequests, type RequestFields } from "../requests.ts";
import { admit, injectedSteps, type Admission } from "./admission.ts";
import { nthRequest, type InjectorCases, type Subject } from "./cases.ts";

/** A pod, what it asks for, and how the cluster is set up. */
export interface Scenario {
  readonly pod: Pod;
  readonly requests: readonly SecretRequest[];
  readonly settings: ContextSettings;
}

/** Both profiles, as they are and with another prefix and mount root. */
export const SETTINGS: readonly ContextSettings[] = [
  { profile: "flyte-v1" },
  { profile: "flyte-v2" },
  { profile: "flyte-v1", envPrefix: "_ACME_", mountRoot: "/mnt/acme-secrets" },
  { profile: "flyte-v2", envPrefix: "_ACME_", mountRoot: "/mnt/acme-secrets" },
];

export const PROFILE_NAMES: readonly ProfileName[] = ["flyte-v1", "flyte-v2"];

/** Pods that ask for up to five secrets: mostly ones that the injector has, some twice, some that it has not. */
export function arbitraryScenario(cases: InjectorCases): fc.Arbitrary<Scenario> {
  const known = fc.oneof(
    fc.constantFrom(...cases.injects),
    fc.nat({ max: 99 }).map((index) => nthRequest(cases, index)),
  );
  const wanted = fc
    .tuple(known, fc.constantFrom({}, {}, { envVar: "MY_SECRET" }, { mountRequirement: "ANY" as const }))
    .map(([request, extra]): RequestFields => ({ ...request, ...extra }));
  const request = fc.oneof({ arbitrary: wanted, weight: 6 }, { arbitrary: arbitraryRequest(), weight: 1 });
  return fc
    .record({
      pod: arbitraryPod(),
      requests: fc.array(request, { minLength: 1, maxLength: 5, size: "small" }),
      settings: fc.constantFrom(...SETTINGS),
    })
    .map(({ pod, requests, settings }) => ({
      pod: prepared(cases, pod),
      requests: secretRequests(requests),
      settings,
    }));
}

/** The pod with what the injector needs in it. */
export function prepared(cases: InjectorCases, pod: Pod): Pod {
  return cases.prepare === undefined ? pod : cases.prepare(pod);
}

const TWO_CONTAINERS = testPod({
  initContainers: [testContainer({ name: "init" })],
  containers: [testContainer(), testContainer({ name: "sidecar", env: [{ name: "MODE", value: "x" }] })],
});

/** A plain pod, and one with init container and sidecar. */
export function casePods(cases: InjectorCases): readonly Pod[] {
  return [testPod(), TWO_CONTAINERS].map((pod) => prepared(cases, pod));
}

/**
 * Proves a property of every admission.
 * @throws Error with the smallest admission that breaks it; or when none of the pods got a secret, since then
 * nothing was proved
 */
export async function everyAdmission(
  subject: Subject,
  holds: (admission: Admission, injector: SecretInjector, scenario: Scenario) => void | Promise<void>,
): Promise<void> {
  let given = 0;
  await withInjector(subject, async (injector) => {
    await assertProperty(subject, arbitraryScenario(subject.cases), async (scenario) => {
      const admission = await admit(subject.plugin, injector, scenario.pod, scenario.requests, scenario.settings);
      given += injectedSteps(admission).length;
      await holds(admission, injector, scenario);
    });
  });
  if (given === 0) throw new Error("no random pod got a secret, so nothing was proved: look at injects and nth");
}

/** Runs a property as often as the subject says. */
export async function assertProperty<T>(
  { runs, seed }: Pick<Subject, "runs" | "seed">,
  arbitrary: fc.Arbitrary<T>,
  holds: (value: T) => Promise<void>,
): Promise<void> {
  await fc.assert(fc.asyncProperty(arbitrary, holds), { numRuns: runs, ...(seed === undefined ? {} : { seed }) });
}

/** Makes an injector for some work, and disposes of it as the webhook does. */
export async function withInjector<T>(
  { plugin, cases }: Subject,
  work: (injector: SecretInjector) => Promise<T>,
): Promise<T> {
  const stop = new AbortController();
  const injector = await openInjector(plugin, cases.options, testHost(stop.signal));
  try {
    return await work(injector);
  } finally {
    stop.abort();
    await injector.dispose?.();
  }
}

/** Does something for each entry, one after the other. */
export async function forEachInOrder<T>(list: readonly T[], step: (entry: T) => Promise<void>): Promise<void> {
  for (const entry of list) {
    // In order on purpose: an error names the first case that is wrong.
    // oxlint-disable-next-line no-await-in-loop
    await step(entry);
  }
}

/** A request and its setting in words, for messages. */
export function describeCase(request: SecretRequest, { profile, mountRoot }: ContextSettings): string {
  const where = mountRoot === undefined ? "" : `, mount root ${mountRoot}`;
  return `${describeRequest(request)} (${profile ?? "flyte-v1"}${where})`;
}
