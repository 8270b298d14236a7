/** Kubernetes Secrets in the pod's namespace: the default secret manager. */
import { defineInjector, type InjectorPlugin } from "@pod-secrets/core";

import { createK8sInjector } from "./k8s.ts";
import { k8sOptions } from "./options.ts";

const plugin: InjectorPlugin<typeof k8sOptions> = defineInjector({
  apiVersion: 1,
  name: "k8s",
  meta: {
    summary: "Kubernetes Secrets in the pod's namespace.",
    group: "name of the Secret",
    key: "key in the Secret's data",
    mounts: ["FILE", "ENV_VAR"],
    stability: "stable",
  },
  options: k8sOptions,
  create: createK8sInjector,
});

export default plugin;
export { k8sOptions, type K8sOptions } from "./options.ts";
export { createK8sInjector } from "./k8s.ts";
