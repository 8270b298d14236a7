import {
  awsSettings,
  fetcherOptions,
  resources,
  type AwsSettings,
  type FetcherOptions,
  type Resources,
} from "@pod-secrets/fetch-container";
import * as z from "zod";

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

/** Options of the manager in the config file: how the value gets into the pod, and what that way needs. */
export type AwsOptions =
  | ({ readonly mode: "flyte-sidecar" } & SidecarOptions)
  | ({ readonly mode: "fetch" } & FetchOptions);

/** One init container for all secrets of the pod: `pod-secrets-fetch`. */
export interface FetchOptions {
  readonly fetcher: FetcherOptions;
  readonly settings: AwsSettings;
}

/** An init container per secret, as with Flyte. */
export interface SidecarOptions {
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
const FLYTE_AMOUNT = { cpu: "200m", memory: "500Mi" };
const FLYTE_SIDECAR_RESOURCES = { requests: FLYTE_AMOUNT, limits: FLYTE_AMOUNT };

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

const awsSettingsOption: z.ZodType<AwsSettings> = z.strictObject(awsSettings);

/** Options that only one of the modes has are an error with the other: they would be a wish that comes to nothing. */
const fields = z.strictObject({
  mode: z
    .enum(["flyte-sidecar", "fetch"])
    .default("flyte-sidecar")
    .describe(
      "How the value gets into the pod. `flyte-sidecar`: an init container per secret, as with Flyte, which lets the task start when AWS refuses it. `fetch`: one init container for all secrets of the pod, which does not.",
    ),
  fetcher: fetcherOptions.optional().describe("The init container of `fetch`, which needs it."),
  settings: awsSettingsOption.optional().describe("How the init container of `fetch` speaks to AWS."),
  image: z
    .string()
    .regex(/^[^\s]{1,1024}$/, "is no image name")
    .default(FLYTE_SIDECAR_IMAGE)
    .describe(
      "Image of the init container of `flyte-sidecar`: Flyte's, or one that reads SECRET_ARN and writes the value to /tmp and SECRET_FILENAME as Flyte's does.",
    ),
  imagePullPolicy: z
    .enum(["Always", "IfNotPresent", "Never"])
    .optional()
    .describe("When the node pulls that image. Left out: Kubernetes decides by the tag, as with Flyte."),
  resources: resources
    .default(FLYTE_SIDECAR_RESOURCES)
    .describe("Resources of that init container, as in a pod. Init containers of one pod share: the largest counts."),
  securityContext: securityContext
    .optional()
    .describe(
      "Security context of that init container. Left out: none, as with Flyte, and Flyte's image runs as root. Namespaces that enforce the `restricted` Pod Security Standard need one.",
    ),
  position: z
    .enum(["last", "first"])
    .default("last")
    .describe(
      "Whether that init container runs after the pod's own (`last`, as with Flyte) or before them (`first`). Only with `first` do the pod's own init containers find the secrets.",
    ),
});

type Fields = z.output<typeof fields>;

/** Schema of {@link AwsOptions}; its descriptions are the reference and the JSON Schema. */
export const awsOptions: z.ZodType<AwsOptions> = fields.superRefine(checkMode).transform(ofMode);

function checkMode(options: Fields, check: z.RefinementCtx): void {
  const issue = (key: keyof Fields, message: string): void =>
    check.addIssue({ code: "custom", path: [key], message, input: options[key] });
  if (options.mode === "flyte-sidecar") {
    for (const key of ["fetcher", "settings"] as const)
      if (options[key] !== undefined) issue(key, "is for mode: fetch, and the mode is flyte-sidecar");
    return;
  }
  if (options.fetcher === undefined) issue("fetcher", "is missing, and mode: fetch needs it: set fetcher.image");
  const { image, imagePullPolicy, resources: amount, securityContext: context, position } = options;
  const other = "is for mode: flyte-sidecar, and the mode is fetch";
  if (image !== FLYTE_SIDECAR_IMAGE) issue("image", `${other}: set fetcher.image`);
  if (imagePullPolicy !== undefined) issue("imagePullPolicy", `${other}: set fetcher.imagePullPolicy`);
  if (JSON.stringify(amount) !== JSON.stringify(FLYTE_SIDECAR_RESOURCES))
    issue("resources", `${other}: set fetcher.resources`);
  if (context !== undefined) issue("securityContext", `${other}, whose container fits the restricted standard`);
  if (position !== "last") issue("position", `${other}, whose container is always the first`);
}

function ofMode({ mode, fetcher, settings = {}, ...sidecar }: Fields): AwsOptions {
  // Without a fetcher there is an issue, and nobody gets what this returns.
  return mode === "fetch" && fetcher !== undefined
    ? { mode, fetcher, settings }
    : { mode: "flyte-sidecar", ...sidecar };
}
