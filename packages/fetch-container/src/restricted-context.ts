/** The rights of an init container that brings secrets. */
import type { Container } from "@pod-secrets/core";

/**
 * As the Pod Security Standard "restricted" wants it (Kubernetes docs, "Pod Security Standards"), and without a writable
 * root file system.
 * @param runAsUser user id, and not that of root
 */
export function restrictedContext(runAsUser: number): NonNullable<Container["securityContext"]> {
  return {
    runAsUser,
    runAsNonRoot: true,
    readOnlyRootFilesystem: true,
    allowPrivilegeEscalation: false,
    capabilities: { drop: ["ALL"] },
    seccompProfile: { type: "RuntimeDefault" },
  };
}
