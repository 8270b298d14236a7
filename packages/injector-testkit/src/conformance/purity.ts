/** An injector computes, and does nothing else. */
import { deepFreeze } from "../deep-freeze.ts";
import { injectionContext } from "../contexts.ts";
import { observeIo } from "../observe-io.ts";
import { HOSTILE_NAMES } from "../arbitraries/hostile-names.ts";
import { secretRequest, type RequestFields } from "../requests.ts";
import { ask } from "./admission.ts";
import type { Check, InjectorCases, Subject } from "./cases.ts";
import { SETTINGS, casePods, describeCase, everyAdmission, forEachInOrder, withInjector } from "./scenarios.ts";

export const PURITY_CHECKS: readonly Check[] = [
  {
    id: "purity/arguments",
    title: "changes neither the pod that it gets, nor the request, nor the context",
    run: checkArguments,
  },
  {
    id: "purity/io",
    title: "reads no file, opens no connection, starts no timer and rolls no dice while it injects",
    run: checkIo,
  },
];

async function checkArguments(subject: Subject): Promise<void> {
  await everyAdmission(subject, async ({ steps }, injector, { pod, settings }) => {
    for (const { before, request } of steps) {
      const given = structuredClone({ pod: before, userPod: pod, request });
      const text = JSON.stringify(given);
      const { profile, naming, ...facts } = injectionContext(given.userPod, settings);
      // Copies, since the tables of core are everybody's.
      const context = deepFreeze({ ...facts, profile: { ...profile }, naming: { ...naming } });
      deepFreeze(given);
      try {
        // oxlint-disable-next-line no-await-in-loop -- one call at a time, so that the message names the guilty one
        await injector.inject(given.pod, given.request, context);
      } catch (error) {
        if (error instanceof TypeError)
          throw new Error(`it writes to what it was given: ${error.message}`, { cause: error });
      }
      if (JSON.stringify(given) !== text) throw new Error("it changed what it was given");
    }
  });
  const polluted = Object.keys(Object.prototype);
  if (polluted.length > 0) throw new Error(`Object.prototype now has ${polluted.join(", ")}`);
}

async function checkIo(subject: Subject): Promise<void> {
  await withInjector(subject, (injector) =>
    forEachInOrder(SETTINGS, (settings) =>
      forEachInOrder(ioRequests(subject.cases), async (fields) => {
        const request = secretRequest(fields);
        await forEachInOrder(casePods(subject.cases), async (pod) => {
          const context = injectionContext(pod, settings);
          const { touched } = await observeIo(() => ask(injector, pod, request, context));
          if (touched.length > 0)
            throw new Error(
              `${describeCase(request, settings)}: while it injects, it touches ${touched.join(", ")}; do that in create, and in the background`,
            );
        });
      }),
    ),
  );
}

/** Also ones that it has not: a miss is what tempts to look elsewhere. */
function ioRequests({ injects, skips = [] }: InjectorCases): readonly RequestFields[] {
  const misses = HOSTILE_NAMES.slice(0, 8).map((key) => ({ ...injects[0], key }));
  return [...injects, ...skips, { group: "no-such-group", key: "no-such-key" }, ...misses];
}
