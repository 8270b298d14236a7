/** Which Vault injector a request is for: Flyte's `group_version` names the engine. */
import { quoted, skipped, type Injection } from "@pod-secrets/core";

/** Values of `group_version` that Vault's injectors know. */
export type GroupVersion = "kv1" | "kv2" | "db";

/**
 * Why a request is another manager's, judged by its group version. Flyte takes an unknown one for its `kvVersion`,
 * and so reads the wrong engine after a typo. There is a fix only where the asking injector was meant: any other
 * would lead away from the manager that was.
 * @param own the one that chooses the asking injector
 * @param unversioned whether the asking injector takes requests that name none
 */
export function otherEngine(requested: string, own: GroupVersion, unversioned: boolean): Injection | undefined {
  if (requested === own || (requested === "" && unversioned)) return undefined;
  if (requested === "") return skipped("group_version is missing");
  const reason = `group_version ${quoted(requested)} is not "${own}"`;
  return nearest(requested) === own ? skipped(reason, `Set group_version to "${own}".`) : skipped(reason);
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
