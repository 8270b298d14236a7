import * as z from "zod";

/** Options of the manager in the config file. */
export interface K8sOptions {
  /** What becomes of a pod whose Secret, or the key in it, does not exist. */
  readonly missing: "start" | "hold";
}

/** Schema of {@link K8sOptions}; its descriptions are the reference and the JSON Schema. */
export const k8sOptions: z.ZodType<K8sOptions> = z.strictObject({
  missing: z
    .enum(["start", "hold"])
    .default("start")
    .describe(
      "What becomes of a pod whose Secret, or the key in it, does not exist. `start`: it starts without the secret, as with Flyte. `hold`: the kubelet holds it until Secret and key are there, and whoever creates the pod is warned of that.",
    ),
});
