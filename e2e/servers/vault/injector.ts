/** The Vault Agent Injector, without a cluster: what it makes of a pod. */
import { applyPatch, type Container, type Pod, type PatchOperation } from "../../../packages/core/src/index.ts";

import { lastLines, run } from "../../cluster/src/processes/run.ts";
import { ToolError } from "../../tools/tool-error.ts";
import type { VaultPrograms } from "./build.ts";

/**
 * The pod after HashiCorp's webhook.
 * @param pod after ours. It gets the mount that the API server gives to every pod before webhooks see it
 * @param vaultAddress where the agent finds Vault
 * @throws ToolError `E_TOOL_VAULT` when the webhook refuses the pod
 */
export async function withRealVaultAgent({ review }: VaultPrograms, pod: Pod, vaultAddress: string): Promise<Pod> {
  const object = withToken(pod);
  const request = { uid: "1", namespace: pod.metadata?.namespace ?? "default", object };
  const input = JSON.stringify({ apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview", request });
  const { code, stdout, stderr } = await run(review, [vaultAddress], { input });
  if (code !== 0) throw new ToolError("E_TOOL_VAULT", `vault-k8s: ${lastLines(stderr, 3)}`, "See its words.");
  const { response } = JSON.parse(stdout) as Answer;
  if (!response.allowed)
    throw new ToolError("E_TOOL_VAULT", `vault-k8s: ${response.status?.message}`, "See its words.");
  const patch = JSON.parse(Buffer.from(response.patch ?? "W10=", "base64").toString()) as readonly PatchOperation[];
  return applyPatch(object, patch);
}

interface Answer {
  readonly response: {
    readonly allowed: boolean;
    /** JSON Patch, in base64. */
    readonly patch?: string;
    readonly status?: { readonly message?: string };
  };
}

function withToken(pod: Pod): Pod {
  const name = "kube-api-access-00000";
  const mountPath = "/var/run/secrets/kubernetes.io/serviceaccount";
  const withMount = (container: Container): Container => ({
    ...container,
    volumeMounts: [...(container.volumeMounts ?? []), { name, mountPath, readOnly: true }],
  });
  const { initContainers, containers = [], volumes = [] } = pod.spec ?? {};
  return {
    ...pod,
    spec: {
      ...pod.spec,
      containers: containers.map(withMount),
      ...(initContainers === undefined ? {} : { initContainers: initContainers.map(withMount) }),
      volumes: [...volumes, { name, projected: { sources: [{ serviceAccountToken: { path: "token" } }] } }],
    },
  };
}
