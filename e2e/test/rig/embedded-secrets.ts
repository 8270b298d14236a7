/** Secrets as Flyte 2's secret service stores them in Kubernetes, and an account that may read them. */
import { createHash } from "node:crypto";

import type { ApiAnswer, ApiClient } from "./api-client.ts";

/** Name of the Secret of a name. */
export function objectOf(name: string): string {
  return createHash("md5").update(name).digest("hex");
}

export function storeSecret(
  api: ApiClient,
  namespace: string,
  name: string,
  value: string | Uint8Array,
): Promise<ApiAnswer> {
  const data = { [name]: Buffer.from(value as string).toString("base64") };
  return api.send("POST", `/api/v1/namespaces/${namespace}/secrets`, { metadata: { name: objectOf(name) }, data });
}

/** A token of an account that may get the Secrets of one namespace, as the chart lets the webhook do. */
export async function tokenOfReader(api: ApiClient, namespace: string): Promise<string> {
  const rbac = `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}`;
  const rules = [{ apiGroups: [""], resources: ["secrets"], verbs: ["get"] }];
  await api.send("POST", `${rbac}/roles`, { metadata: { name: "webhook" }, rules });
  await api.send("POST", `${rbac}/rolebindings`, {
    metadata: { name: "webhook" },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "webhook" },
    subjects: [{ kind: "ServiceAccount", name: "default", namespace }],
  });
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts/default/token`;
  const { body } = await api.send<{ readonly status: { readonly token: string } }>("POST", path, { spec: {} });
  return body.status.token;
}
