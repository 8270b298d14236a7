/** By which name the API server calls what it finds in a registration. */
import type { RegistrationConfig } from "../config/schema/registration.ts";

/** Flyte's. */
export const SERVICE = "flyte-pod-webhook";

/**
 * The name that it wants in the certificate: of a Service `NAME.NAMESPACE.svc` (Kubernetes 1.36,
 * `k8s.io/apiserver/pkg/util/webhook/client.go`), else the host of the URL.
 * @param namespace of the webhook's Service
 */
export function calledHost({ service, url }: Pick<RegistrationConfig, "service" | "url">, namespace: string): string {
  if (url === undefined) return `${service?.name ?? SERVICE}.${namespace}.svc`;
  // An IPv6 address stands in brackets there.
  return new URL(url).hostname.replace(/^\[(.*)\]$/, "$1");
}
