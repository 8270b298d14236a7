import * as z from "zod";

/** Options of the global secrets in the config file. */
export interface GlobalOptions {
  /** Env vars of the webhook whose names start so are secrets. */
  readonly envPrefix: string;
  /** Directory of the webhook with secret files, `<directory>/<group>/<key>`. */
  readonly directory: string;
  /** Namespaces whose pods get global secrets; all when left out. */
  readonly namespaces?: readonly string[] | undefined;
}

/** Schema of {@link GlobalOptions}; its descriptions are the reference and the JSON Schema. Defaults as Flyte v1.16.8 and v2.0. */
export const globalOptions: z.ZodType<GlobalOptions> = z.strictObject({
  envPrefix: z
    .string()
    // Without a prefix every env var of the webhook would be a secret to ask for.
    .regex(/^[A-Za-z_][A-Za-z0-9_]{0,252}$/, "is no start of an env var name: letters, digits and `_`")
    .default("FLYTE_SECRET_")
    .describe(
      "Env vars of the webhook whose names start so are secrets: `<envPrefix>GROUP_KEY`, in upper case. They are read at the start.",
    ),
  directory: z
    .string()
    // A relative one would mean another directory wherever the process is started, and one that is not there is no error.
    .regex(/^\/[^\0]{0,4094}$/, "must be an absolute path")
    .default("/etc/secrets")
    .describe(
      "Absolute directory of the webhook with secret files, `<directory>/<group>/<key>`, case kept. They are read at the start and when they change. It need not exist.",
    ),
  namespaces: z
    .array(z.string().regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, "is no namespace name"))
    .min(1)
    .optional()
    .describe(
      "Namespaces whose pods get global secrets. Left out: all, as with Flyte, so whoever may create a pod anywhere may read every global secret.",
    ),
});
