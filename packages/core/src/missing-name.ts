/** Requests that leave out a name. All managers say it in the same words, which a refusal then has once. */
import { ERRORS } from "./errors.ts";
import { skipped, type Injection } from "./injector.ts";
import type { SecretRequest } from "./request.ts";

/** Leaves a request without a group to the next manager. */
export function missingGroup({ group }: Pick<SecretRequest, "group">): Injection | undefined {
  return group === "" ? skipped("the group is missing", ERRORS.E_GROUP_REQUIRED.fix) : undefined;
}

/** Leaves a request without a key to the next manager. */
export function missingKey({ key }: Pick<SecretRequest, "key">): Injection | undefined {
  return key === "" ? skipped("the key is missing", ERRORS.E_KEY_REQUIRED.fix) : undefined;
}
