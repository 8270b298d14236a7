/** Secrets that a task asks for by other names than group and key. */
import type { InjectionContext } from "./injector.ts";
import { goUpper } from "./letter-case.ts";
import { safePath } from "./naming.ts";

/**
 * The context of a secret that the task asks for by these names, as flytekit's `secrets.get(group, key, group_version)`
 * looks for it (v1.16.24): file `<mount root>/<names with slashes between>` in lower case, env var
 * `<prefix><names with underscores between>` in upper case.
 * @param names in flytekit's order: group, group version, key. What is empty is left out, and one at least is not
 * @returns a context whose `naming` has this path and this env name for every request; it throws SecretError
 * `E_PATH_UNSAFE` for a path that would not stay below the mount root
 */
export function lookedUpBy(context: InjectionContext, names: readonly string[]): InjectionContext {
  const { naming } = context;
  const given = names.filter((name) => name !== "");
  const envName = goUpper(naming.envPrefix + given.join("_"));
  const filePath = (): string => [naming.mountRoot, ...given.map((name) => safePath("name", name))].join("/");
  return { ...context, naming: { ...naming, filePath, envName: () => envName } };
}
