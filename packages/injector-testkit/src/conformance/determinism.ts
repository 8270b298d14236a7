/** Same arguments, same bytes: on every replica, tomorrow, and whatever was served before. */
import { withClockAhead } from "../clock-ahead.ts";
import { testPod } from "../pods.ts";
import { secretRequest } from "../requests.ts";
import { admit, type Admission } from "./admission.ts";
import type { Check, Subject } from "./cases.ts";
import { everyAdmission, prepared, withInjector } from "./scenarios.ts";

export const DETERMINISM_CHECKS: readonly Check[] = [
  {
    id: "determinism/same-bytes",
    title: "gives the same bytes for the same input, a day later, from an injector that served other pods",
    run: checkSameBytes,
  },
];

const DAY = 86_400_000;

async function checkSameBytes(subject: Subject): Promise<void> {
  const { plugin, cases } = subject;
  await withInjector(subject, async (other) => {
    const requests = cases.injects.map(secretRequest);
    await admit(plugin, other, prepared(cases, testPod({}, { name: "another" })), requests, { namespace: "elsewhere" });
    await everyAdmission(subject, async (admission, _, { pod, requests: asked, settings }) => {
      // Who may wait needs time to do so.
      const deadline = admission.context.deadline + (plugin.meta.readsAtAdmission === true ? DAY : 0);
      const again = await withClockAhead(DAY, () => admit(plugin, other, pod, asked, { ...settings, deadline }));
      const difference = firstDifference(bytes(admission), bytes(again));
      if (difference !== undefined)
        throw new Error(`the second result differs, so it depends on chance, time or earlier pods: ${difference}`);
    });
  });
}

function bytes({ steps, after }: Admission): string {
  const answers = steps.map(({ answer }) => (answer.outcome === "injected" ? { warnings: answer.warnings } : answer));
  return JSON.stringify([after, answers]);
}

/** Where two texts part, with what is around it. */
function firstDifference(one: string, two: string): string | undefined {
  if (one === two) return undefined;
  let at = 0;
  while (one[at] === two[at]) at++;
  const from = Math.max(0, at - 60);
  return `${one.slice(from, at + 40)} / ${two.slice(from, at + 40)}`;
}
