/** Another mutating webhook, which adds a container to each pod, as meshes do: then ours is called again. */
import type { Container } from "../../../packages/core/src/index.ts";
import type { ApiClient } from "./api-client.ts";
import { startOtherWebhook } from "./other-webhook.ts";

const SIDECAR = { name: "proxy", image: "registry.example.com/proxy:1" };

/**
 * Starts and registers it for pods of a namespace with the label `sidecar: "true"`. It is called after ours.
 * @param sidecar the container that it adds
 */
export function startSidecarWebhook(
  api: ApiClient,
  namespace: string,
  sidecar: Container = SIDECAR,
): Promise<AsyncDisposable> {
  return startOtherWebhook(api, {
    name: "zz-sidecar",
    namespace,
    labels: { sidecar: "true" },
    edit: (pod) => {
      const { containers = [] } = pod.spec ?? {};
      if (containers.some(({ name }) => name === sidecar.name)) return pod;
      return { ...pod, spec: { ...pod.spec, containers: [...containers, sidecar] } };
    },
  });
}
