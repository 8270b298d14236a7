/** Paths of the API for what the webhook touches. Names are encoded, so that none can lead elsewhere. */

const CORE = "/api/v1";

/** Where the mutating registrations are; they belong to no namespace. */
export const MUTATING_CONFIGURATIONS = "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations";

export function mutatingConfigurationPath(name: string): string {
  return `${MUTATING_CONFIGURATIONS}/${encodeURIComponent(name)}`;
}

export function secretsPath(namespace: string): string {
  return `${CORE}/namespaces/${encodeURIComponent(namespace)}/secrets`;
}

export function secretPath(namespace: string, name: string): string {
  return `${secretsPath(namespace)}/${encodeURIComponent(name)}`;
}

export function eventsPath(namespace: string): string {
  return `${CORE}/namespaces/${encodeURIComponent(namespace)}/events`;
}

export const CLUSTER_ROLES = "/apis/rbac.authorization.k8s.io/v1/clusterroles";

export function clusterRolePath(name: string): string {
  return `${CLUSTER_ROLES}/${encodeURIComponent(name)}`;
}

export const NAMESPACES = `${CORE}/namespaces`;

export function namespacePath(name: string): string {
  return `${NAMESPACES}/${encodeURIComponent(name)}`;
}
