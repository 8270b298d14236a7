/** Tokens that the kubelet projects into the container. */
import { FetchFailure } from "../failure.ts";
import type { ProviderHost } from "../provider.ts";

/** A projected token. @throws FetchFailure `unauthenticated` */
export async function readToken(readFile: ProviderHost["readFile"], path: string): Promise<string> {
  try {
    return new TextDecoder().decode(await readFile(path)).trim();
  } catch (error) {
    const cause = error instanceof Error ? error.message : "it cannot be read";
    throw new FetchFailure(
      "unauthenticated",
      `the token of the pod's identity cannot be had: ${cause}`,
      "Check that the token's volume is mounted into this container, and readable by its user.",
    );
  }
}
