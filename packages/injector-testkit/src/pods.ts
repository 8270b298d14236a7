/** Pods for tests. */
import type { Container, Pod, PodSpec } from "@pod-secrets/core";

/** A container, by default with nothing but a name and an image. */
export function testContainer(fields: Partial<Container> = {}): Container {
  return { name: "main", image: "example.com/task:1.2.3", ...fields };
}

/** A pod with one container, or with the given parts of a spec. */
export function testPod(spec: Partial<PodSpec> = {}, metadata: NonNullable<Pod["metadata"]> = {}): Pod {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "task", namespace: "default", ...metadata },
    spec: { containers: [testContainer()], ...spec },
  };
}

/** Init containers and containers of a pod, in the order in which they start. */
export function allContainers(pod: Pod): readonly Container[] {
  return [...(pod.spec?.initContainers ?? []), ...(pod.spec?.containers ?? [])];
}
