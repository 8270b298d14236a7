/** What leaves the webhook: a patch that says what was added and no more, and a pod that the API server takes. */
import { isDeepStrictEqual } from "node:util";

import {
  applyPatch,
  checkPod,
  createPatch,
  isConfigKey,
  isDnsSubdomain,
  isSecretError,
  type EnvVar,
  type Pod,
} from "@pod-secrets/core";

import { added, additions, pairContainers } from "./additions.ts";
import type { Admission } from "./admission.ts";
import type { Check } from "./cases.ts";
import { everyAdmission } from "./scenarios.ts";

export const PATCH_CHECKS: readonly Check[] = [
  {
    id: "patch/applies",
    title: "gives a patch that turns the pod into the result",
    run: (subject) => everyAdmission(subject, checkApplies),
  },
  {
    id: "patch/minimal",
    title: "gives a patch with no more operations than things were added",
    run: (subject) => everyAdmission(subject, checkMinimal),
  },
  {
    id: "patch/valid-pod",
    title: "makes a pod that the API server takes",
    run: (subject) => everyAdmission(subject, checkValid),
  },
];

function checkApplies({ before, after }: Admission): void {
  // As the API server reads it: without what JSON cannot hold.
  const wire = JSON.parse(JSON.stringify([before, createPatch(before, after)])) as [
    Pod,
    ReturnType<typeof createPatch>,
  ];
  const patched = applyPatch(...wire);
  if (!isDeepStrictEqual(patched, after))
    throw new Error("applying the patch gives another pod: the result holds something that is no JSON");
}

function checkMinimal({ before, after }: Admission): void {
  const patch = createPatch(before, after);
  const most = countChanges(before, after);
  if (patch.length > most)
    throw new Error(`the patch has ${patch.length} operations for ${most} things that were added or replaced`);
  const had = new Set(entriesOf(before));
  const again = patch.find(
    (operation) => operation.op !== "remove" && entriesOfValue(operation.value).some((entry) => had.has(entry)),
  );
  if (again !== undefined)
    throw new Error(`the patch sends again, at ${again.path}, what the pod has already: its entries were reordered`);
}

/** Entries of all lists that an injector adds to, as text. */
function entriesOf({ spec }: Pod): readonly string[] {
  const containers = [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])];
  const lists = containers.flatMap(({ env, volumeMounts }) => [env, volumeMounts]);
  return [spec?.volumes, spec?.initContainers, spec?.containers, ...lists].flatMap((list) =>
    (list ?? []).map((entry) => JSON.stringify(entry)),
  );
}

function entriesOfValue(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map((entry) => JSON.stringify(entry)) : [];
}

/** Each entry that came, and each that went because the profile replaces it. */
export function countChanges(before: Pod, after: Pod): number {
  const { annotations, volumes, imagePullSecrets, initContainers } = additions(before, after);
  const inLists = pairContainers(before, after).reduce((sum, { before: was, after: now }) => {
    if (was === undefined) return sum;
    const came = added(was.env, now.env).length + added(was.volumeMounts, now.volumeMounts).length;
    return sum + came + added(now.env, was.env).length + added(now.volumeMounts, was.volumeMounts).length;
  }, 0);
  return annotations.length + volumes.length + imagePullSecrets.length + initContainers.length + inLists;
}

function checkValid({ before, after }: Admission): void {
  checkAdditions(before, after);
}

/**
 * Checks what was added beyond core's own check of the pod.
 * @throws Error with the first fault
 */
export function checkAdditions(before: Pod, after: Pod): void {
  try {
    checkPod(before, after);
  } catch (error) {
    if (isSecretError(error))
      throw new Error(`the API server would refuse the pod: ${error.message}`, { cause: error });
    throw error;
  }
  for (const { entry } of additions(before, after).env) checkEnv(entry);
}

function checkEnv({ name, value, valueFrom }: EnvVar): void {
  if (value !== undefined && valueFrom !== undefined) throw new Error(`env var ${name} has both value and valueFrom`);
  if (value?.includes("\0") === true) throw new Error(`env var ${name} holds a NUL`);
  const reference = valueFrom?.secretKeyRef ?? valueFrom?.configMapKeyRef;
  if (reference === undefined) return;
  if (!isDnsSubdomain(reference.name ?? ""))
    throw new Error(`env var ${name} refers to an object with an invalid name`);
  if (!isConfigKey(reference.key)) throw new Error(`env var ${name} refers to an invalid key`);
}
