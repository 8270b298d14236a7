/** Options of the container, which all managers have that fetch. */
import * as z from "zod";

import { imageName, imagePullPolicy, type ImagePullPolicy } from "./image.ts";
import { memory, resources, type Resources } from "./resources.ts";

/** The container that fetches the secrets of a pod. */
export interface FetcherOptions {
  /** An image whose entry point is `pod-secrets-fetch`. */
  readonly image: string;
  /** When the node pulls the image; Kubernetes' default when left out. */
  readonly imagePullPolicy?: ImagePullPolicy | undefined;
  readonly resources: Resources;
  /** User id of the process; that of the pod's containers when left out. */
  readonly runAsUser?: number | undefined;
  /** Most memory that the files may take, as a Kubernetes quantity. */
  readonly sizeLimit: string;
  /** Seconds for all secrets of the pod; the program's default when left out. */
  readonly deadlineSeconds?: number | undefined;
  /** How secrets become env vars. */
  readonly envVars: "none" | "fileKeyRef";
  /** The sidecar that fetches the secrets of a running pod again; none when left out. */
  readonly refresh?: RefreshOptions | undefined;
}

/** The native sidecar that fetches the secrets of a running pod again. */
export interface RefreshOptions {
  /** From one round to the next. */
  readonly seconds: number;
  readonly resources: Resources;
}

// Requests and limits are the same, so that a pod of the QoS class Guaranteed stays one.
const AMOUNT = { cpu: "250m", memory: "96Mi" };
// The sidecar's are held as long as the pod runs, and nobody waits for it.
const REFRESH_AMOUNT = { cpu: "100m", memory: "96Mi" };

const refresh: z.ZodType<RefreshOptions> = z.strictObject({
  seconds: z
    .int()
    .min(1)
    .max(86_400)
    .default(300)
    .describe("Seconds from one round to the next; up to a tenth less, by chance."),
  resources: resources
    .default({ requests: REFRESH_AMOUNT, limits: REFRESH_AMOUNT })
    .describe("Resources of the sidecar, as in a pod: the pod has them beside those of its containers."),
});

/** Schema of {@link FetcherOptions}; its descriptions are the reference and the JSON Schema. */
export const fetcherOptions: z.ZodType<FetcherOptions> = z.strictObject({
  image: imageName.describe(
    "Image of the init container, with `pod-secrets-fetch` as its entry point: `deploy/Dockerfile.fetch` makes one. There is no default, since no registry is sure to have it.",
  ),
  imagePullPolicy: imagePullPolicy
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
  envVars: z
    .enum(["none", "fileKeyRef"])
    .default("none")
    .describe(
      "How secrets become env vars. `none`: they do not, and ENV_VAR is left to the next manager. `fileKeyRef`: the kubelet reads them from files of the volume. It takes Kubernetes 1.35 or later on all nodes: an older API server refuses the pod, and an older kubelet would leave the env var empty.",
    ),
  refresh: refresh
    .optional()
    .describe(
      "A native sidecar that fetches the secrets of a running pod again. Left out: none. It takes Kubernetes 1.29 or later: with an older one, pods would wait for its end.",
    ),
});
