/** The API server may call the webhook again with its own result: then there is nothing left to do. */
import { applyPatch, createPatch, type Pod } from "@pod-secrets/core";

import { admitPod } from "../admit-pod.ts";
import { asReinvoked } from "../api-server.ts";
import { secretRequests, withRequests } from "../requests.ts";
import { admit, injectedSteps, type Admission } from "./admission.ts";
import type { Check, Subject } from "./cases.ts";
import { everyAdmission } from "./scenarios.ts";

export const IDEMPOTENCE_CHECKS: readonly Check[] = [
  {
    id: "idempotence/second-admission",
    title: "leaves its own result alone",
    run: (subject) => checkSecondAdmission(subject, (pod) => pod),
  },
  {
    id: "idempotence/after-defaulting",
    title: "leaves its own result alone after the API server filled in defaults and dropped empty values",
    run: (subject) => checkSecondAdmission(subject, asReinvoked),
  },
  {
    id: "idempotence/same-secret-twice",
    title: "adds nothing for a secret that the pod asks for twice",
    run: checkSameSecretTwice,
  },
];

/** The whole way of a pod, twice, with only this injector. */
async function checkSecondAdmission(subject: Subject, between: (pod: Pod) => Pod): Promise<void> {
  await everyAdmission(subject, async (admission, injector, { pod, settings }) => {
    const asking = withRequests(pod, givenRequests(admission));
    const first = await admitPod(asking, [injector], settings);
    // Two secrets that want one name of all containers: a variable of the pod's own hid it from each alone.
    if (first.outcome === "refused" && first.message.includes("E_ENV_COLLISION")) return;
    if (first.outcome === "refused") throw new Error(`alone each secret was injected, together not: ${first.message}`);
    if (first.outcome === "unchanged") return;
    const result = between(applyPatch(asking, first.patch));
    const second = await admitPod(result, [injector], settings);
    if (second.outcome === "refused") throw new Error(`the second admission is refused: ${second.message}`);
    if (second.outcome === "changed")
      throw new Error(`the second admission changes the pod again: ${JSON.stringify(second.patch).slice(0, 400)}`);
  });
}

function givenRequests(admission: Admission): ReturnType<typeof secretRequests> {
  return secretRequests(injectedSteps(admission).map(({ request }) => request));
}

async function checkSameSecretTwice(subject: Subject): Promise<void> {
  await everyAdmission(subject, async (admission, injector, { settings }) => {
    const last = injectedSteps(admission).at(-1);
    if (last === undefined) return;
    const { request, after } = last;
    const again = await admit(subject.plugin, injector, after, [{ ...request, source: "flyte.secrets/s9" }], {
      ...settings,
      userPod: admission.before,
    });
    const patch = createPatch(after, again.after);
    if (injectedSteps(again).length === 0) throw new Error("the same secret a second time is not injected");
    if (patch.length > 0)
      throw new Error(`the same secret a second time changes the pod: ${JSON.stringify(patch).slice(0, 400)}`);
  });
}
