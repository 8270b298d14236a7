import { isSecretError, type SecretError } from "../src/index.ts";

/** The catalogued error that `run` throws; anything else fails the test. */
export function thrownBy(run: () => unknown): SecretError {
  try {
    run();
  } catch (error) {
    if (isSecretError(error)) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}
