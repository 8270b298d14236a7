/** What the injector says to the requests that its author knows. */
import { describeRequest, type Injection, type InjectorMeta, type MountRequirement, type Pod } from "@pod-secrets/core";

import { secretRequest, type RequestFields } from "../requests.ts";
import { admit, describeAnswer } from "./admission.ts";
import type { Check, RefusedCase, Subject } from "./cases.ts";
import { SETTINGS, casePods, describeCase, forEachInOrder, withInjector } from "./scenarios.ts";

/** A check for each case, so that the test report reads as a list of what the injector does. */
export function answerChecks({ cases }: Subject): readonly Check[] {
  const { injects, skips = [], refuses = [] } = cases;
  return [
    ...injects.map((fields) => ({
      id: "answers/injects",
      title: `injects ${describeRequest(secretRequest(fields))}`,
      run: (subject: Subject) => checkOutcome(subject, fields, "injected"),
    })),
    ...skips.map((fields) => ({
      id: "answers/skips",
      title: `skips ${describeRequest(secretRequest(fields))}`,
      run: (subject: Subject) => checkOutcome(subject, fields, "skipped"),
    })),
    ...refuses.map((refused) => ({
      id: "answers/refuses",
      title: `refuses ${describeRequest(secretRequest(requestOf(refused)))} with ${refused.code}`,
      run: (subject: Subject) => checkRefused(subject, refused),
    })),
    {
      id: "answers/mount-requirements",
      title: "gives each mount requirement that it declares, and ANY",
      run: checkDeclaredMounts,
    },
    {
      id: "answers/other-mount-requirements",
      title: "passes on, with a reason, what it cannot give",
      run: checkOtherMounts,
    },
  ];
}

async function checkOutcome(subject: Subject, fields: RequestFields, outcome: Injection["outcome"]): Promise<void> {
  await forEachSetting(subject, fields, (answer, where) => {
    if (answer.outcome !== outcome) throw new Error(`${where} is ${describeAnswer(answer)}, and should be ${outcome}`);
  });
}

async function checkRefused(subject: Subject, { code, pod, ...fields }: RefusedCase): Promise<void> {
  await forEachSetting(
    subject,
    fields,
    (answer, where) => {
      if (answer.outcome !== "refused" || answer.code !== code)
        throw new Error(`${where} is ${describeAnswer(answer)}, and should be refused with ${code}`);
    },
    pod,
  );
}

function requestOf({ code: _, pod: _pod, ...fields }: RefusedCase): RequestFields {
  return fields;
}

async function checkDeclaredMounts(subject: Subject): Promise<void> {
  const { cases } = subject;
  const missing = mountsOf(subject).find((mount) => !cases.injects.some((fields) => serves(fields, mount)));
  if (missing !== undefined)
    throw new Error(`meta.mounts declares ${missing}, and no request in injects asks for it: add one`);
  const any = cases.injects.map((fields) => ({ ...fields, mountRequirement: "ANY" as const }));
  await forEachInOrder(any, (fields) => checkOutcome(subject, fields, "injected"));
}

function mountsOf({ plugin, cases }: Subject): InjectorMeta["mounts"] {
  const { mounts } = plugin.meta;
  return mounts.filter((mount) => cases.mounts?.includes(mount) ?? true);
}

function serves({ mountRequirement = "ANY" }: RequestFields, mount: MountRequirement): boolean {
  return mountRequirement === mount;
}

async function checkOtherMounts(subject: Subject): Promise<void> {
  const { cases } = subject;
  const given = mountsOf(subject);
  const others = (["ENV_VAR", "FILE"] as const).filter((mount) => !given.includes(mount));
  const requests = others.flatMap((mountRequirement) =>
    cases.injects.map((fields) => ({ ...fields, mountRequirement })),
  );
  await forEachInOrder(requests, (fields) =>
    forEachSetting(subject, fields, (answer, where) => {
      if (answer.outcome === "injected")
        throw new Error(
          `${where} is injected, although meta.mounts, or mounts of the cases, does not declare ${fields.mountRequirement}`,
        );
    }),
  );
}

/** Asks for one request in each profile, with and without names of one's own, for a pod of each kind. */
async function forEachSetting(
  subject: Subject,
  fields: RequestFields,
  check: (answer: Injection, where: string) => void,
  pod?: Pod,
): Promise<void> {
  const { plugin, cases } = subject;
  const request = secretRequest(fields);
  await withInjector(subject, (injector) =>
    forEachInOrder(SETTINGS, (settings) =>
      forEachInOrder(pod === undefined ? casePods(cases) : [pod], async (before) => {
        const { steps } = await admit(plugin, injector, before, [request], settings);
        for (const { answer } of steps) check(answer, describeCase(request, settings));
      }),
    ),
  );
}
