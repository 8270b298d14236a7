/** Tokens that the kubelet projects into the container. */
import { FetchFailure } from "../failure.ts";
import type { ProviderHost } from "../provider.ts";

/** A projected token. @throws FetchFailure `unauthenticated` */
export async function readToken(readFile: ProviderHost["readFile"], path: string): Promise<string> {
  let token: string;
  try {
    token = new TextDecoder().decode(await readFile(path)).trim();
  } catch (error) {
    throw noToken(error instanceof Error ? error.message : "it cannot be read");
  }
  if (token === "") throw noToken("its file is empty");
  return token;
}

function noToken(cause: string): FetchFailure {
  return new FetchFailure(
    "unauthenticated",
    `the token of the pod's identity cannot be had: ${cause}`,
    "Check that the token's volume is mounted into this container, and readable by its user.",
  );
}
