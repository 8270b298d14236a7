/** Env vars in values of Flyte's files, as Go's `os.ExpandEnv` reads them. */
import { quoted } from "@pod-secrets/core";

import { dotted, type Path } from "../problems.ts";
import type { Draft } from "./flyte-draft.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

/** The text with `$NAME` and `${NAME}` replaced; one that is not set is empty, with a warning. */
export function expandEnvVars(text: string, from: Path, draft: Draft, environment: Environment): string {
  return text.replaceAll(/\$(?:\{(\w{1,255})\}|(\w{1,255}))/g, (_, braced?: string, bare?: string) => {
    const name = braced ?? bare ?? "";
    if (environment[name] === undefined)
      draft.warning(
        "W_CONFIG_ENV_UNSET",
        from,
        `env var ${quoted(name)} in key ${quoted(dotted(from), 255)} is not set`,
      );
    return environment[name] ?? "";
  });
}
