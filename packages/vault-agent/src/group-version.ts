/** Which Vault injector a request is for: Flyte's `group_version` names the engine. */
import { quoted, skipped, type Injection } from "@pod-secrets/core";

/** Values of `group_version` that Vault's injectors know. */
export type GroupVersion = "kv1" | "kv2" | "db";

/**
 * Why a request is another manager's, judged by its group version. Flyte takes an unknown one for its `kvVersion`,
 * and so reads the wrong engine after a typo.
 * @param own the one that chooses the asking injector
 * @param unversioned whether the asking injector takes requests that name none
 */
export function otherEngine(requested: string, own: GroupVersion, unversioned: boolean): Injection | undefined {
  if (requested === own || (requested === "" && unversioned)) return undefined;
  if (requested === "") return skipped("group_version is missing", `Set group_version to "${own}".`);
  return skipped(`group_version ${quoted(requested)} is not "${own}"`, fixFor(requested));
}

function fixFor(requested: string): string {
  if (isGroupVersion(requested)) return `Add vault-${requested} to the managers, or set another group_version.`;
  const meant = nearest(requested);
  if (meant !== undefined) return `Set group_version to "${meant}".`;
  return 'Set group_version to "kv1", "kv2" or "db", or leave it out.';
}

function isGroupVersion(text: string): text is GroupVersion {
  return text === "kv1" || text === "kv2" || text === "db";
}

const KEY_VALUE = /^(?:kv)?[-_ ]?v?([12])$/i;
const DATABASE = /^(?:db|database)[-_ ]?(?:v?[12]|creds)?$/i;

/** The group version that was meant, for the ways in which people write it. */
function nearest(text: string): GroupVersion | undefined {
  if (text.length > 20) return undefined;
  if (DATABASE.test(text)) return "db";
  const version = KEY_VALUE.exec(text)?.[1];
  if (version === undefined) return undefined;
  return version === "1" ? "kv1" : "kv2";
}
