/** Which mutating webhooks the API server called for a pod, by its own audit log. */
import { readFile } from "node:fs/promises";

import type { ControlPlane } from "../../cluster/src/index.ts";

/** Has a line for each pod that is created. */
export const CALLS_POLICY = JSON.stringify({
  apiVersion: "audit.k8s.io/v1",
  kind: "Policy",
  omitStages: ["RequestReceived"],
  rules: [{ level: "Metadata", verbs: ["create"], resources: [{ group: "", resources: ["pods"] }] }, { level: "None" }],
});

/** https://kubernetes.io/docs/reference/config-api/apiserver-audit.v1/ */
interface AuditEvent {
  readonly requestURI: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** https://kubernetes.io/docs/reference/labels-annotations-taints/audit-annotations/ */
const SECOND_CALL = "mutation.webhook.admission.k8s.io/round_1_";

/**
 * The registrations whose webhooks were called a second time for a pod.
 * @param cluster with {@link CALLS_POLICY}
 * @param query of the request that created the pod
 * @returns `undefined` while the pod is not in the log
 */
export async function calledAgain({ auditLog }: ControlPlane, query: string): Promise<readonly string[] | undefined> {
  const lines = (await readFile(auditLog, "utf8")).split("\n").slice(0, -1);
  const event = lines
    .map((line) => JSON.parse(line) as AuditEvent)
    .find(({ requestURI }) => requestURI.endsWith(query));
  if (event === undefined) return undefined;
  const calls = Object.entries(event.annotations ?? {}).filter(([name]) => name.startsWith(SECOND_CALL));
  return calls.map(([, call]) => (JSON.parse(call) as { readonly configuration: string }).configuration).toSorted();
}
