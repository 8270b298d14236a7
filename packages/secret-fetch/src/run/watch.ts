/** Refreshes the files of a running pod, until it is told to stop. */
import type { PreparedRequest } from "../request/prepared-request.ts";
import type { RoundPorts } from "./fetch-all.ts";
import type { RoundEnd } from "./round.ts";

/** Of each wait, so much is left to chance: pods that started together do not ask together for ever. */
const CHANCE = 0.1;
/** So much of each wait is rest, also after a round that took long: a slow store is not asked without a pause. */
const REST = 0.5;

/**
 * Waits from the start of one round to that of the next, so that a new value is there after a period and one round.
 * A failure keeps the files as they are. It is said once, and again when it is another one or is over.
 * @param refresh one round
 * @param say gets one line without its end
 */
export async function watchSecrets(
  request: PreparedRequest,
  { clock, random, stop }: Pick<RoundPorts, "clock" | "random" | "stop">,
  refresh: () => Promise<RoundEnd>,
  say: (line: string) => void,
): Promise<void> {
  let lastReport: string | undefined;
  let took = 0;
  // A pod's first files are there already: the program ran before it without --watch.
  for (;;) {
    const wait = request.refresh * (1 - CHANCE * random());
    await clock.sleep(Math.max(wait - took, wait * REST), stop); // oxlint-disable-line no-await-in-loop -- one round after the other
    if (stop.aborted) return;
    const started = clock.elapsed();
    const { written, report } = await refresh(); // oxlint-disable-line no-await-in-loop -- as above
    took = clock.elapsed() - started;
    if (stop.aborted) return;
    const news = newsOf(report, lastReport);
    if (news !== undefined) say(news);
    if (written > 0) say(`pod-secrets-fetch: ${written} files have a new value`);
    lastReport = report;
  }
}

function newsOf(report: string | undefined, before: string | undefined): string | undefined {
  if (report === undefined)
    return before === undefined ? undefined : "pod-secrets-fetch: every secret can be had again";
  // How often it was tried, and which call it was, is no news.
  const isKnown = before !== undefined && withoutCounts(report) === withoutCounts(before);
  return isKnown ? undefined : `${report} (the files keep their last value)`;
}

function withoutCounts(report: string): string {
  return report.replaceAll(/, tried \d+ times|, request [A-Za-z0-9-]+/g, "");
}
