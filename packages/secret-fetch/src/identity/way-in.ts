/** What comes before a secret: identities, roles and keys. */
import { FetchFailure, isFetchFailure, type FailureKind } from "../failure.ts";

/** Kinds that speak of the secret: it might be left out then, though nobody knows whether it is there. */
const OF_THE_SECRET: ReadonlySet<FailureKind> = new Set(["not-found", "disabled"]);

/** Work on the way to a secret: that something is missing there is `unauthenticated`. @throws FetchFailure */
export async function onTheWayIn<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!isFetchFailure(error) || !OF_THE_SECRET.has(error.kind)) throw error;
    throw new FetchFailure("unauthenticated", error.message, error.fix);
  }
}
