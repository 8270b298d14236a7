/** What an option may say about the rights of an init container. */
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

const localProfile = z.strictObject({
  type: z.enum(["RuntimeDefault", "Localhost"]).describe("Where the profile comes from."),
  localhostProfile: z.string().optional().describe("Path of the profile on the node, with `Localhost`."),
});

/** Schema of {@link SecurityContext}. */
export const securityContext: z.ZodType<SecurityContext> = z.strictObject({
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
