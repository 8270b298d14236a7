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
  if (!isDeepStrictEqual(patched, JSON.parse(JSON.stringify(after))))
    throw new Error("applying the patch gives another pod: the result holds something that is no JSON");
}

function checkMinimal({ before, after }: Admission): void {
  const patch = createPatch(before, after);
  const most = countChanges(before, after);
  if (patch.length > most)
    throw new Error(`the patch has ${patch.length} operations for ${most} things that were added or replaced`);
  const whole = patch.find(
    ({ op, path }) => op === "replace" && /\/(env|volumeMounts|volumes|initContainers|containers)$/.test(path),
  );
  // A null there is a list without entries, and may be replaced by one that has some.
  if (whole !== undefined && valueAt(before, whole.path) !== null)
    throw new Error(`the patch replaces the whole list ${whole.path}: its entries were reordered`);
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

function valueAt(pod: Pod, path: string): unknown {
  let value: unknown = pod;
  for (const name of path.split("/").slice(1)) value = (value as Readonly<Record<string, unknown>>)[name];
  return value;
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
