/** The whole suite as a list. It needs no test runner: the command line can run it too. */
import { answerChecks } from "./answers.ts";
import type { Check, Subject } from "./cases.ts";
import { CONFLICT_CHECKS } from "./conflicts.ts";
import { DETERMINISM_CHECKS } from "./determinism.ts";
import { HOSTILE_NAME_CHECKS } from "./hostile-names.ts";
import { IDEMPOTENCE_CHECKS } from "./idempotence.ts";
import { LIFECYCLE_CHECKS } from "./lifecycle.ts";
import { LOOKUP_CHECKS } from "./lookup.ts";
import { MANY_SECRETS_CHECKS } from "./many-secrets.ts";
import { PATCH_CHECKS } from "./patch.ts";
import { PLUGIN_CHECKS } from "./plugin-shape.ts";
import { PURITY_CHECKS } from "./purity.ts";
import { USER_CONTENT_CHECKS } from "./user-content.ts";

/**
 * Every check of one injector, in the order of the report.
 * @throws Error when there is no request to try
 */
export function conformanceChecks(subject: Subject): readonly Check[] {
  if (subject.cases.injects.length === 0)
    throw new Error(`injector ${subject.plugin.name}: injects is empty, so there is nothing to prove`);
  return [
    ...PLUGIN_CHECKS,
    ...answerChecks(subject),
    ...LOOKUP_CHECKS,
    ...DETERMINISM_CHECKS,
    ...IDEMPOTENCE_CHECKS,
    ...PURITY_CHECKS,
    ...USER_CONTENT_CHECKS,
    ...PATCH_CHECKS,
    ...HOSTILE_NAME_CHECKS,
    ...CONFLICT_CHECKS,
    ...MANY_SECRETS_CHECKS,
    ...LIFECYCLE_CHECKS,
  ];
}
