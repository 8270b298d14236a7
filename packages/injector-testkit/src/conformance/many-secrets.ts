/** Pods that ask for much. */
import { checkInjection, createPatch } from "@pod-secrets/core";

import { testContainer, testPod } from "../pods.ts";
import { secretRequests } from "../requests.ts";
import { admit, describeAnswer } from "./admission.ts";
import { nthRequest, type Check, type Subject } from "./cases.ts";
import { checkFound } from "./lookup.ts";
import { checkAdditions, countChanges } from "./patch.ts";
import { PROFILE_NAMES, describeCase, forEachInOrder, prepared, withInjector } from "./scenarios.ts";

export const MANY_SECRETS_CHECKS: readonly Check[] = [1, 10, 100].map((count) => ({
  id: `many-secrets/${count}`,
  title: `gives ${count} ${count === 1 ? "secret" : "secrets"} to one pod, each found by the task`,
  run: (subject: Subject) => checkMany(subject, count),
}));

const POD = testPod({
  initContainers: [testContainer({ name: "init" })],
  containers: [testContainer(), testContainer({ name: "sidecar" })],
});

async function checkMany(subject: Subject, count: number): Promise<void> {
  const { plugin, cases } = subject;
  const requests = secretRequests(Array.from({ length: count }, (_, index) => nthRequest(cases, index)));
  await withInjector(subject, (injector) =>
    forEachInOrder(PROFILE_NAMES, async (profile) => {
      const pod = prepared(cases, POD);
      const admission = await admit(plugin, injector, pod, requests, { profile });
      for (const { before, answer, request } of admission.steps) {
        const where = describeCase(request, { profile });
        if (answer.outcome !== "injected")
          throw new Error(
            `of ${count} secrets, ${where} is ${describeAnswer(answer)}; if the injector has no such secret, give the suite a function nth`,
          );
        const problem = checkInjection(before, answer, admission.context);
        if (problem !== undefined) throw new Error(`of ${count} secrets, at ${where} ${problem}`);
      }
      for (const step of admission.steps) checkFound(admission, step, cases);
      checkAdditions(pod, admission.after);
      const operations = createPatch(pod, admission.after).length;
      const most = countChanges(pod, admission.after);
      if (operations > most)
        throw new Error(`the patch has ${operations} operations for ${most} things that were added`);
    }),
  );
}
