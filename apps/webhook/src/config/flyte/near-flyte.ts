/** Files that belong to Flyte, and hold none of the sections that count here: what to give instead. */
import { isJsonObject, quoted } from "@pod-secrets/core";

import type { Problem } from "../problems.ts";
import type { Sections } from "../sections.ts";
import { isFlyteConfig, OWN_KEYS, SECTIONS } from "./flyte-config.ts";

/** Where `flyte-core` and `flyte-binary` have the config in their values. `flyte-core` has a key `webhook` beside it. */
const HELM_KEYS = ["configmap", "configuration"];

/** Other sections of Flyte's files (the two charts, v1.16.8 and v2.0). */
const OTHER_SECTIONS = ["propeller", "flyte", "admin", "flyteadmin", "datacatalog", "storage", "plugins", "tasks"];

/** What is wrong with a config as a whole that looks like one of Flyte's. A key of our own says that it is ours. */
export function nearFlyteProblem({ value, locate }: Sections): Problem | undefined {
  if (!isJsonObject(value) || OWN_KEYS.some((key) => Object.hasOwn(value, key))) return undefined;
  const has = (key: string): boolean => Object.hasOwn(value, key);
  const at = (key: string, problem: Pick<Problem, "code" | "message" | "fix">): Problem => ({
    ...locate([key], "key"),
    ...problem,
  });
  const values = HELM_KEYS.find(has);
  if (values !== undefined)
    return at(values, {
      code: "E_CONFIG_TYPE",
      message: `these are values of a Helm chart of Flyte: they have ${quoted(values)}`,
      fix: "Give the config that the chart makes of them, from its ConfigMap.",
    });
  // Flyte would read it, so it must not be passed over because the other one is there.
  const miswritten = Object.keys(value).find((key) => SECTIONS.has(key.toLowerCase()) && !SECTIONS.has(key));
  if (miswritten !== undefined)
    return at(miswritten, {
      code: "E_CONFIG_UNKNOWN_KEY",
      message: `${quoted(miswritten)} is a section of Flyte in another letter case`,
      fix: `Write \`${miswritten.toLowerCase()}\`.`,
    });
  if (isFlyteConfig(value)) return undefined;
  const other = OTHER_SECTIONS.find(has);
  if (other === undefined) return undefined;
  return at(other, {
    code: "E_CONFIG_MISSING",
    message: `${quoted(other)} is a section of Flyte, and neither \`webhook\` nor \`secrets\` is there`,
    fix: "Give the file of Flyte that has them, or add `webhook: {}` for what Flyte takes without it.",
  });
}
