/** `down`, and what is left of clusters whose process is gone. */
import type { Say } from "../progress.ts";
import { cleanUp } from "../runs/clean-up.ts";
import { listRuns } from "../runs/list.ts";

export async function down(say: Say): Promise<number> {
  const runs = listRuns().filter(({ kind }) => kind !== "owned");
  for (const { directory, kind, state } of runs) {
    await cleanUp(directory, state);
    say(
      kind === "background" ? `Ended the cluster in ${directory}.` : `Cleaned up ${directory}, whose process is gone.`,
    );
  }
  if (runs.length === 0) say("Nothing to end.");
  return 0;
}
