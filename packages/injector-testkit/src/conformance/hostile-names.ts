/** Names that try to be paths, templates, commands or prototypes stay names. */
import fc from "fast-check";

import { isDnsLabel, type InjectionContext, type Pod, type SecretRequest } from "@pod-secrets/core";

import { arbitraryPod } from "../arbitraries/pods.ts";
import { HOSTILE_NAMES } from "../arbitraries/hostile-names.ts";
import { hostileRequest } from "../arbitraries/requests.ts";
import type { ContextSettings } from "../contexts.ts";
import { testPod } from "../pods.ts";
import { secretRequest } from "../requests.ts";
import { additions, type Additions } from "./additions.ts";
import { admit, type Step } from "./admission.ts";
import type { Check, InjectorCases, Subject } from "./cases.ts";
import { checkAdditions } from "./patch.ts";
import { checkCommands, checkKubelet, checkTemplates, hasCanary, templatePlaces } from "./user-text-as-code.ts";
import {
  PROFILE_NAMES,
  SETTINGS,
  assertProperty,
  describeCase,
  forEachInOrder,
  prepared,
  withInjector,
} from "./scenarios.ts";

export const HOSTILE_NAME_CHECKS: readonly Check[] = [
  {
    id: "hostile-names/errors",
    title: "answers hostile names in its own words, and throws nothing else",
    run: (subject) => everyHostileRequest(subject, () => {}),
  },
  {
    id: "hostile-names/valid-pod",
    title: "makes no invalid pod of hostile names",
    run: (subject) => everyHostileRequest(subject, ({ before, after }) => checkAdditions(before, after)),
  },
  {
    id: "hostile-names/identifiers",
    title: "puts no user text into container names, annotation keys or images, and into commands plain names only",
    run: (subject) =>
      everyHostileRequest(subject, ({ request }, { added }) => {
        checkIdentifiers(added);
        checkCommands(added, request);
      }),
  },
  {
    id: "hostile-names/paths",
    title: "mounts nothing outside of the mount root",
    run: (subject) =>
      everyHostileRequest(subject, ({ request }, { added, context }) => {
        checkPaths(added, context);
        if (subject.cases.lookup === undefined) checkFilePath(request, context);
      }),
  },
  {
    id: "hostile-names/expansion",
    title: "lets neither the kubelet nor a template run user text",
    run: checkExpansion,
  },
];

async function checkExpansion(subject: Subject): Promise<void> {
  const places = await templatePlaces(subject);
  await everyHostileRequest(subject, ({ request }, { added }) => {
    checkKubelet(added);
    checkTemplates(added, request, places);
  });
}

interface Injected {
  readonly added: Additions;
  readonly context: InjectionContext;
}

/** First each known name in each field, so that none is left to chance; then random ones on random pods. */
async function everyHostileRequest(subject: Subject, holds: (step: Step, injected: Injected) => void): Promise<void> {
  const { plugin, cases } = subject;
  const random = fc.record({
    pod: arbitraryPod().map((pod) => prepared(cases, pod)),
    request: hostileRequest(cases.injects),
    settings: fc.constantFrom(...SETTINGS),
  });
  await withInjector(subject, async (injector) => {
    const tryOne = async ({ pod, request, settings }: Scenario): Promise<void> => {
      const { steps, context } = await admit(plugin, injector, pod, [request], settings);
      for (const step of steps) {
        if (step.answer.outcome === "injected") holds(step, { added: additions(step.before, step.after), context });
      }
    };
    await forEachInOrder(knownScenarios(cases), (scenario) =>
      tryOne(scenario).catch((error: unknown) => {
        const message = error instanceof Error ? error.message : String(error);
        throw new Error(`${describeCase(scenario.request, scenario.settings)}: ${message}`, { cause: error });
      }),
    );
    await assertProperty(subject, random, tryOne);
  });
}

interface Scenario {
  readonly pod: Pod;
  readonly request: SecretRequest;
  readonly settings: ContextSettings;
}

function knownScenarios(cases: InjectorCases): readonly Scenario[] {
  const pod = prepared(cases, testPod());
  const fields = ["group", "key", "groupVersion", "envVar"] as const;
  const requests = HOSTILE_NAMES.flatMap((name) =>
    fields.flatMap((field) => cases.injects.map((base) => secretRequest({ ...base, [field]: name }))),
  );
  return requests.flatMap((request) => PROFILE_NAMES.map((profile) => ({ pod, request, settings: { profile } })));
}

function checkIdentifiers({ initContainers, annotations }: Additions): void {
  for (const { name, image } of initContainers) {
    if (!isDnsLabel(name) || hasCanary(name)) throw new Error(`user text is in the container name ${name}: hash it`);
    if (hasCanary(image)) throw new Error(`user text is in the image of container ${name}`);
  }
  const key = annotations.find((annotation) => hasCanary(annotation[0]))?.[0];
  if (key !== undefined) throw new Error(`user text is in the annotation key ${key}: hash it`);
}

function checkPaths({ mounts }: Additions, { naming: { mountRoot } }: InjectionContext): void {
  for (const { ours, entry } of mounts) {
    const { mountPath } = entry;
    const isBelow = mountPath === mountRoot || mountPath.startsWith(`${mountRoot}/`);
    if (mountPath.split("/").slice(1).some(leadsElsewhere))
      throw new Error(`mount path ${mountPath} is not a plain path`);
    if (!isBelow && (!ours || hasCanary(mountPath)))
      throw new Error(`mount path ${mountPath} is not below ${mountRoot}, where user text may be part of a path`);
    if ((entry.subPath ?? "").split("/").includes("..")) throw new Error("a subPath leads out of its volume");
  }
}

/** Where flytekit looks for the file must be below the root too, or the task reads what is no secret. */
function checkFilePath(request: SecretRequest, { naming }: InjectionContext): void {
  if (request.mountRequirement !== "FILE") return;
  try {
    naming.filePath(request);
  } catch (error) {
    throw new Error("it injects a file whose path leads out of the mount root: use context.naming", { cause: error });
  }
}

function leadsElsewhere(segment: string): boolean {
  return segment === "" || segment === "." || segment === "..";
}
