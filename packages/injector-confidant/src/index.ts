/** Confidant: an init container reads the credentials of the pod's own service. */
import { defineInjector, type InjectorPlugin } from "@pod-secrets/core";

import { createConfidantInjector } from "./confidant.ts";
import { confidantOptions } from "./options.ts";

const plugin: InjectorPlugin<typeof confidantOptions> = defineInjector({
  apiVersion: 1,
  name: "confidant",
  meta: {
    summary: "Confidant, read by an init container with the pod's own AWS identity.",
    group: "name of the credential",
    key: "key in the credential, in upper or lower case",
    mounts: ["FILE", "ENV_VAR"],
    stability: "beta",
  },
  options: confidantOptions,
  create: createConfidantInjector,
});

export default plugin;
export { confidantOptions, type ConfidantOptions, type KmsAuth } from "./options.ts";
export { createConfidantInjector } from "./confidant.ts";
