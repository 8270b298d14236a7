/** Whether the task finds its secret. */
import type { Container, EnvVar, Pod, SecretRequest } from "@pod-secrets/core";

import {
  LOOKUP_VARS,
  lookUpEnv,
  lookUpFile,
  lookUpSecret,
  lookupEnvName,
  type Lookup,
  type LookupNames,
} from "../flytekit-lookup.ts";
import { secretRequest } from "../requests.ts";
import { pairContainers } from "./additions.ts";
import { admit, injectedSteps, type Admission, type Step } from "./admission.ts";
import type { Check, InjectorCases, Subject } from "./cases.ts";
import { SETTINGS, casePods, describeCase, everyAdmission, forEachInOrder, withInjector } from "./scenarios.ts";

export const LOOKUP_CHECKS: readonly Check[] = [
  {
    id: "lookup/flytekit",
    title: "puts each secret where flytekit looks for it, in every container",
    run: (subject) => forEachCase(subject, "", checkFound),
  },
  {
    id: "lookup/env-var",
    title: "honours env_var: the value, or the path of the file",
    run: (subject) => forEachCase(subject, "MY_SECRET", checkEnvVar),
  },
  {
    id: "lookup/any-pod",
    title: "lets every random pod find all its secrets",
    run: (subject) =>
      everyAdmission(subject, (admission) => {
        for (const step of injectedSteps(admission)) {
          checkFound(admission, step, subject.cases);
          checkEnvVar(admission, step, subject.cases);
        }
      }),
  },
];

type Checked = (admission: Admission, step: Step, cases: InjectorCases) => void;

async function forEachCase(subject: Subject, envVar: string, check: Checked): Promise<void> {
  const { plugin, cases } = subject;
  await withInjector(subject, (injector) =>
    forEachInOrder(cases.injects, async (fields) => {
      const request = secretRequest({ envVar, ...fields });
      await forEachInOrder(SETTINGS, (settings) =>
        forEachInOrder(casePods(cases), async (pod) => {
          const admission = await admit(plugin, injector, pod, [request], settings);
          for (const step of injectedSteps(admission)) {
            try {
              check(admission, step, cases);
            } catch (error) {
              throw new Error(`${describeCase(request, settings)}: ${error instanceof Error ? error.message : ""}`, {
                cause: error,
              });
            }
          }
        }),
      );
    }),
  );
}

/** Every container of the user finds the secret of a step in the pod as it became in the end. */
export function checkFound(admission: Admission, { request }: Step, cases: InjectorCases): void {
  const names = namesOf(admission, request, cases);
  const keepsUsers = admission.context.profile.envPlacement === "append";
  for (const { before, after: container } of pairContainers(admission.before, admission.after)) {
    if (before === undefined) continue;
    // A user who sets these tells flytekit to look elsewhere, and in this profile the user wins.
    if (keepsUsers && setsAny(before, [...LOOKUP_VARS, lookupEnvName(container, names)])) continue;
    const lookup = lookUp(admission.after, container, names, request, cases);
    if (lookup.found === "nothing")
      throw new Error(`in container ${container.name} the task does not find its secret: ${lookup.why}`);
    if (lookup.found === "file" && lookup.content === "unknown") checkListed(lookup.path, admission.after, cases);
  }
}

function lookUp(
  pod: Pod,
  container: Container,
  names: LookupNames,
  { mountRequirement }: SecretRequest,
  { files }: InjectorCases,
): Lookup {
  switch (mountRequirement) {
    case "ENV_VAR":
      return lookUpEnv(container, names);
    case "FILE":
      return lookUpFile(pod, container, names, files?.(pod));
    case "ANY":
      return lookUpSecret(pod, container, names, files?.(pod));
  }
}

function checkListed(path: string, pod: Pod, { files }: InjectorCases): void {
  if (files === undefined)
    throw new Error(`whether ${path} will be there is not in the pod's spec: give the suite a function files`);
  const listed = files(pod);
  if (!listed.includes(path))
    throw new Error(`flytekit looks at ${path}, and the files will be ${listed.slice(0, 5).join(", ")}`);
}

function checkEnvVar(admission: Admission, { request }: Step, cases: InjectorCases): void {
  if (request.envVar === "") return;
  const names = namesOf(admission, request, cases);
  const keepsUsers = admission.context.profile.envPlacement === "append";
  for (const { before, after: container } of pairContainers(admission.before, admission.after)) {
    if (before === undefined) continue;
    if (keepsUsers && setsAny(before, [...LOOKUP_VARS, request.envVar, lookupEnvName(container, names)])) continue;
    const entry = container.env?.find(({ name }) => name === request.envVar);
    if (entry === undefined) throw new Error(`container ${container.name} lacks env var ${request.envVar}`);
    // ANY may be found twice, when the pod asks for the same secret as env var and as file.
    const announced = cases.files?.(admission.after);
    const lookups = [lookUpEnv(container, names), lookUpFile(admission.after, container, names, announced)];
    if (!lookups.some((lookup) => fits(lookup, request) && isSameSecret(lookup, entry)))
      throw new Error(`in container ${container.name} env var ${request.envVar} is not the secret's value or path`);
  }
}

function fits({ found }: Lookup, { mountRequirement }: SecretRequest): boolean {
  return mountRequirement === "ANY" || found === (mountRequirement === "FILE" ? "file" : "env");
}

function isSameSecret(lookup: Lookup, entry: EnvVar): boolean {
  switch (lookup.found) {
    case "nothing":
      return false;
    case "file":
      return entry.value === lookup.path;
    case "env":
      return (
        entry.value === lookup.entry.value && JSON.stringify(entry.valueFrom) === JSON.stringify(lookup.entry.valueFrom)
      );
  }
}

/** What the task gives to `secrets.get`. A group that the profile puts in for an empty one is known to the task. */
function namesOf({ context }: Admission, request: SecretRequest, { lookup }: InjectorCases): LookupNames {
  return lookup === undefined ? { group: context.naming.group(request), key: request.key } : lookup(request);
}

function setsAny({ env }: Container, names: readonly string[]): boolean {
  return (env ?? []).some(({ name }) => names.includes(name));
}
