import * as z from "zod";

/** Options of the manager in the config file. */
export interface CsiOptions {
  /** Name of the CSI driver. */
  readonly driver: string;
  /** Names of the SecretProviderClasses. When left out, every group is taken for one. */
  readonly classes?: readonly string[] | undefined;
  /** Secret with the credentials of the provider, in the pod's namespace. */
  readonly nodePublishSecret?: string | undefined;
}

/** Schema of {@link CsiOptions}. A strict object: a typing error in the config file must not go unnoticed. */
export const csiOptions: z.ZodType<CsiOptions> = z.strictObject({
  driver: z.string().min(1).default("secrets-store.csi.k8s.io").describe("Name of the CSI driver."),
  classes: z
    .array(z.string().min(1))
    .optional()
    .describe(
      "Names of the SecretProviderClasses; other groups are left to the next manager. When left out, every group is taken for one.",
    ),
  nodePublishSecret: z
    .string()
    .min(1)
    .optional()
    .describe("Name of the Secret with the provider's credentials, in the pod's namespace. Most providers need none."),
});
