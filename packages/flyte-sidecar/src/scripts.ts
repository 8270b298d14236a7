/**
 * Pullers that a shell runs, as Flyte's for Google Cloud and Azure. The script holds the names of the secret: a manager
 * has to refuse names that a shell would take for more than a word.
 */
import type { Order, Pull, Sidecar } from "./pullers.ts";

const SHELL = ["sh", "-ec"];

/**
 * A sidecar whose pullers run a script.
 * @param fileIn the file that a script writes; undefined for a script of somebody else
 */
export function scriptSidecar(
  names: Pick<Sidecar, "volume" | "namePrefix">,
  fileIn: (script: string) => string | undefined,
): Sidecar {
  // A command stays the same list while its container gets env vars, and may have megabytes.
  const known = new WeakMap<readonly string[], Pull | undefined>();
  function pullIn(command: readonly string[]): Pull | undefined {
    const [script = "", ...more] = command.slice(SHELL.length);
    const isShell = more.length === 0 && SHELL.every((word, at) => word === command[at]);
    const file = isShell && typeof script === "string" ? fileIn(script) : undefined;
    // The same script fetches the same secret.
    return file === undefined ? undefined : { secret: script, file };
  }
  return {
    ...names,
    // Flyte ignores it, and as HOME or AZURE_CLIENT_ID it would be somebody else's.
    hasEnvVar: false,
    pullOf({ command }) {
      // Nothing has looked at it, so one that is not from an API server may be anything.
      if (!Array.isArray(command)) return undefined;
      if (!known.has(command)) known.set(command, pullIn(command));
      return known.get(command);
    },
  };
}

/** Has a puller run a script. */
export function orderOf(script: string): Order {
  return { command: [...SHELL, script] };
}
