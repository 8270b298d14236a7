/** An injector computes, and does nothing else. */
import type { SecretInjector } from "@pod-secrets/core";

import { deepFreeze } from "../deep-freeze.ts";
import { injectionContext } from "../contexts.ts";
import { observeIo } from "../observe-io.ts";
import { HOSTILE_NAMES } from "../arbitraries/hostile-names.ts";
import { secretRequest, type RequestFields } from "../requests.ts";
import { admit, ask } from "./admission.ts";
import type { Check, InjectorCases, Subject } from "./cases.ts";
import {
  SETTINGS,
  arbitraryScenario,
  assertProperty,
  casePods,
  describeCase,
  forEachInOrder,
  withInjector,
  type Scenario,
} from "./scenarios.ts";

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
  const { plugin, cases } = subject;
  await withInjector(subject, (injector) =>
    assertProperty(subject, arbitraryScenario(cases), async (scenario) => {
      await injectFrozen(injector, scenario);
      // Scripts in sloppy mode fail to write to what is frozen without a word, so once more without.
      const text = JSON.stringify(scenario);
      await admit(plugin, injector, scenario.pod, scenario.requests, scenario.settings);
      if (JSON.stringify(scenario) !== text) throw new Error("it changed what it was given");
    }),
  );
  const polluted = Object.keys(Object.prototype);
  if (polluted.length > 0) throw new Error(`Object.prototype now has ${polluted.join(", ")}`);
}

async function injectFrozen(injector: SecretInjector, { pod, requests, settings }: Scenario): Promise<void> {
  const given = deepFreeze(structuredClone(pod));
  const { profile, naming, ...facts } = injectionContext(given, settings);
  // Copies, since the tables of core are everybody's.
  const context = deepFreeze({ ...facts, profile: { ...profile }, naming: { ...naming } });
  let current = given;
  for (const request of requests) {
    try {
      const asked = injector.inject(current, deepFreeze({ ...request }), context);
      // oxlint-disable-next-line no-await-in-loop -- each secret sees the pod that the ones before it made
      const answer = asked instanceof Promise ? await asked : asked;
      if (answer.outcome === "injected") current = deepFreeze(answer.pod);
    } catch (error) {
      if (error instanceof TypeError)
        throw new Error(`it writes to what it was given: ${error.message}`, { cause: error });
    }
  }
}

async function checkIo(subject: Subject): Promise<void> {
  await withInjector(subject, (injector) =>
    forEachInOrder(SETTINGS, (settings) =>
      forEachInOrder(ioRequests(subject.cases), async (fields) => {
        const request = secretRequest(fields);
        await forEachInOrder(casePods(subject.cases), async (pod) => {
          // What reads at the admission reads a secret that it was just asked for not again.
          const reads = subject.plugin.meta.readsAtAdmission === true;
          if (reads) await ask(injector, pod, request, injectionContext(pod, settings));
          const again = reads ? structuredClone(pod) : pod;
          const context = injectionContext(again, settings);
          const { touched } = await observeIo(() => ask(injector, again, request, context));
          const how = reads ? "keep what was read for a while" : "do that in create, and in the background";
          if (touched.length > 0)
            throw new Error(
              `${describeCase(request, settings)}: while it injects, it touches ${touched.join(", ")}; ${how}`,
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
