import * as z from "zod";

/** CPU and memory of a container, as Kubernetes quantities. */
export interface Resources {
  readonly requests?: Readonly<Record<string, string | number>> | undefined;
  readonly limits?: Readonly<Record<string, string | number>> | undefined;
}

/**
 * The part of a container's `securityContext` (Kubernetes 1.36) that may be set. What core takes from no injector is
 * not in it: `privileged`, `procMount`, added capabilities, and profiles of the type `Unconfined`.
 */
export interface SecurityContext {
  readonly runAsUser?: number | undefined;
  readonly runAsGroup?: number | undefined;
  readonly runAsNonRoot?: boolean | undefined;
  readonly readOnlyRootFilesystem?: boolean | undefined;
  readonly allowPrivilegeEscalation?: boolean | undefined;
  readonly capabilities?: { readonly drop?: string[] | undefined } | undefined;
  readonly seccompProfile?: LocalProfile | undefined;
  readonly appArmorProfile?: LocalProfile | undefined;
  readonly seLinuxOptions?: SeLinuxOptions | undefined;
}

/** A seccomp or AppArmor profile. */
export interface LocalProfile {
  readonly type: "RuntimeDefault" | "Localhost";
  readonly localhostProfile?: string | undefined;
}

/** An SELinux label, as far as the Pod Security Standard "baseline" allows one. */
export interface SeLinuxOptions {
  readonly level?: string | undefined;
  readonly type?: "container_t" | "container_init_t" | "container_kvm_t" | "container_engine_t" | undefined;
}

/** Options of the manager in the config file. */
export interface AwsOptions {
  /** How the value gets into the pod. Other ways will join this one. */
  readonly mode: "flyte-sidecar";
  /** Image of the init container. */
  readonly image: string;
  /** When the node pulls the image; Kubernetes' default when left out. */
  readonly imagePullPolicy?: "Always" | "IfNotPresent" | "Never" | undefined;
  readonly resources: Resources;
  /** Security context of the init container; none when left out. */
  readonly securityContext?: SecurityContext | undefined;
  /** Whether the init container runs after or before the pod's own. */
  readonly position: "last" | "first";
}

/** Image of Flyte's sidecar (`awsSecretManager.sidecarImage`, v1.16.8 and v2.0). Archived since 2022. */
export const FLYTE_SIDECAR_IMAGE = "docker.io/amazon/aws-secrets-manager-secret-sidecar:v0.1.4";

// Flyte's `awsSecretManager.resources` (v1.16.8 and v2.0): the same as requests and as limits.
const FLYTE_SIDECAR_RESOURCES = { cpu: "200m", memory: "500Mi" };

// k8s.io/apimachinery/pkg/api/resource, without a sign: a negative amount is refused later anyway.
const QUANTITY = /^[0-9]{1,18}(\.[0-9]{1,9})?([eE][0-9]{1,2}|[numkMGTPE]|[KMGTPE]i)?$/;

const quantities = z.record(z.string().max(253), z.union([z.string().regex(QUANTITY), z.number().nonnegative()]));

const localProfile = z.strictObject({
  type: z.enum(["RuntimeDefault", "Localhost"]).describe("Where the profile comes from."),
  localhostProfile: z.string().optional().describe("Path of the profile on the node, with `Localhost`."),
});

const securityContext = z.strictObject({
  runAsUser: z.int().nonnegative().optional().describe("User id of the process."),
  runAsGroup: z.int().nonnegative().optional().describe("Group id of the process."),
  runAsNonRoot: z.boolean().optional().describe("Whether the kubelet refuses to run it as root."),
  readOnlyRootFilesystem: z.boolean().optional().describe("Whether its root file system is read-only."),
  allowPrivilegeEscalation: z.boolean().optional().describe("Whether it may gain privileges."),
  capabilities: z
    .strictObject({ drop: z.array(z.string()).optional().describe("Names of the capabilities, or `ALL`.") })
    .optional()
    .describe("Linux capabilities to drop. None can be added."),
  seccompProfile: localProfile.optional().describe("Its seccomp profile."),
  appArmorProfile: localProfile.optional().describe("Its AppArmor profile."),
  seLinuxOptions: z
    .strictObject({
      level: z.string().optional(),
      // What the Pod Security Standard "baseline" allows; it leaves user and role to the runtime.
      type: z.enum(["container_t", "container_init_t", "container_kvm_t", "container_engine_t"]).optional(),
    })
    .optional()
    .describe("Its SELinux label."),
});

/** Schema of {@link AwsOptions}; its descriptions are the reference and the JSON Schema. */
export const awsOptions: z.ZodType<AwsOptions> = z.strictObject({
  mode: z
    .enum(["flyte-sidecar"])
    .default("flyte-sidecar")
    .describe("How the value gets into the pod. `flyte-sidecar`: an init container per secret, as with Flyte."),
  image: z
    .string()
    .regex(/^[^\s]{1,1024}$/, "is no image name")
    .default(FLYTE_SIDECAR_IMAGE)
    .describe(
      "Image of the init container: Flyte's, or one that reads SECRET_ARN and writes the value to /tmp and SECRET_FILENAME as Flyte's does.",
    ),
  imagePullPolicy: z
    .enum(["Always", "IfNotPresent", "Never"])
    .optional()
    .describe("When the node pulls the image. Left out: Kubernetes decides by the tag, as with Flyte."),
  resources: z
    .strictObject({
      requests: quantities.optional().describe("What the init container is sure to get."),
      limits: quantities.optional().describe("What the init container may take at most."),
    })
    .default({ requests: FLYTE_SIDECAR_RESOURCES, limits: FLYTE_SIDECAR_RESOURCES })
    .describe("Resources of the init container, as in a pod. Init containers of one pod share: the largest counts."),
  securityContext: securityContext
    .optional()
    .describe(
      "Security context of the init container. Left out: none, as with Flyte, and Flyte's image runs as root. Namespaces that enforce the `restricted` Pod Security Standard need one.",
    ),
  position: z
    .enum(["last", "first"])
    .default("last")
    .describe(
      "Whether the init container runs after the pod's own (`last`, as with Flyte) or before them (`first`). Only with `first` do the pod's own init containers find the secrets.",
    ),
});
