/** The section `kubernetes`: how the webhook reaches the API server, where something needs it. */
import { z } from "zod";

export const kubernetes = z
  .strictObject({
    kubeconfig: z
      .string()
      .min(1)
      .max(4096)
      .optional()
      .describe(
        "A kubeconfig file, relative to this one; its current context counts. Default: the pod's service account.",
      ),
    namespace: z
      .string()
      .max(63)
      .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/, "must be the name of a namespace: lower-case letters, digits and `-`")
      .optional()
      .describe(
        "Namespace that the webhook is installed in. Default: the env var `POD_NAMESPACE`, else that of the service account, else that of the kubeconfig's context.",
      )
      .meta({ examples: ["flyte"] }),
  })
  .prefault({})
  .describe("The API server. It is asked only for what `registration`, managed certificates and Events need.");

export type KubernetesConfig = Readonly<z.output<typeof kubernetes>>;
