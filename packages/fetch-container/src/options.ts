/** Options of the container, which all managers have that fetch. */
import * as z from "zod";

import { memory, resources, type Resources } from "./resources.ts";

/** The container that fetches the secrets of a pod. */
export interface FetcherOptions {
  /** An image whose entry point is `pod-secrets-fetch`. */
  readonly image: string;
  /** When the node pulls the image; Kubernetes' default when left out. */
  readonly imagePullPolicy?: "Always" | "IfNotPresent" | "Never" | undefined;
  readonly resources: Resources;
  /** User id of the process; that of the pod's containers when left out. */
  readonly runAsUser?: number | undefined;
  /** Most memory that the files may take, as a Kubernetes quantity. */
  readonly sizeLimit: string;
  /** Seconds for all secrets of the pod; the program's default when left out. */
  readonly deadlineSeconds?: number | undefined;
}

// Requests and limits are the same, so that a pod of the QoS class Guaranteed stays one.
const AMOUNT = { cpu: "250m", memory: "96Mi" };

/** Schema of {@link FetcherOptions}; its descriptions are the reference and the JSON Schema. */
export const fetcherOptions: z.ZodType<FetcherOptions> = z.strictObject({
  image: z
    .string()
    .regex(/^[^\s]{1,1024}$/, "is no image name")
    .describe(
      "Image of the init container, with `pod-secrets-fetch` as its entry point: `deploy/Dockerfile.fetch` makes one. There is no default, since no registry is sure to have it.",
    ),
  imagePullPolicy: z
    .enum(["Always", "IfNotPresent", "Never"])
    .optional()
    .describe("When the node pulls the image. Left out: Kubernetes decides by the tag."),
  resources: resources
    .default({ requests: AMOUNT, limits: AMOUNT })
    .describe(
      "Resources of the init container, as in a pod. It is over before the task starts, so the task's own count where they are larger. Requests and limits are the same by default, so that a pod of the class Guaranteed stays one.",
    ),
  runAsUser: z
    .int()
    .min(1)
    .max(2_147_483_647)
    .optional()
    .describe(
      "User id of the process. Left out: that of the pod's containers where all have the same, and 65532 else.",
    ),
  sizeLimit: memory
    .default("16Mi")
    .describe("Most memory that the files of a pod may take. It is charged to the init container."),
  deadlineSeconds: z
    .int()
    .min(1)
    .max(3600)
    .optional()
    .describe("Seconds in which all secrets of a pod have to be there, or it does not start. Left out: 60."),
});
