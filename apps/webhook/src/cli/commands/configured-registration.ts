/** The registration that a configuration asks for, for commands that are about nothing else. */
import { loadConfig } from "../../config/load.ts";
import { formatProblem } from "../../config/problems.ts";
import type { Config } from "../../config/schema.ts";
import { registration } from "../../config/schema/registration.ts";
import type { RegisteredConfig } from "../../registration/desired-registration.ts";
import { say, type Streams } from "../streams.ts";

/**
 * Reads a configuration; without a section `registration` the defaults of that section count.
 * @returns nothing when something is wrong, which is told then
 */
export async function configuredRegistration(
  file: string | undefined,
  streams: Streams,
): Promise<(Config & RegisteredConfig) | undefined> {
  const loaded = await loadConfig(file);
  for (const warning of loaded.warnings) say(streams, formatProblem(warning));
  if (!loaded.ok) {
    for (const problem of loaded.problems) say(streams, formatProblem(problem));
    return undefined;
  }
  const { config } = loaded;
  const asked = config.registration ?? registration.parse({});
  return asked === undefined ? undefined : { ...config, registration: asked };
}
