/** The object with which the registration is to go: its uid, which the API server wants in the reference. */
import { clusterRolePath, namespacePath } from "../kubernetes/api-paths.ts";
import type { KubernetesClient, OwnerReference } from "../kubernetes/kubernetes-client.ts";
import type { DesiredRegistration } from "./desired-registration.ts";

type OwnerConfig = NonNullable<DesiredRegistration["owner"]>;

const KINDS: Readonly<
  Record<OwnerConfig["kind"], { readonly apiVersion: string; readonly path: (name: string) => string }>
> = {
  ClusterRole: { apiVersion: "rbac.authorization.k8s.io/v1", path: clusterRolePath },
  Namespace: { apiVersion: "v1", path: namespacePath },
};

/**
 * @returns nothing when no owner is configured
 * @throws KubernetesError `not-found` when it is not there: on its way out with its installation, perhaps
 */
export async function findOwner(
  client: KubernetesClient,
  owner: DesiredRegistration["owner"],
): Promise<OwnerReference | undefined> {
  if (owner === undefined) return undefined;
  const { apiVersion, path } = KINDS[owner.kind];
  const { metadata } = await client.get(path(owner.name));
  return { apiVersion, kind: owner.kind, name: owner.name, uid: metadata.uid ?? "" };
}
