/** Google Cloud Secret Manager: an init container fetches the value with the pod's own identity. */
import { defineInjector, type InjectorPlugin } from "@pod-secrets/core";

import { createGcpInjector } from "./gcp.ts";
import { gcpOptions } from "./options.ts";

const plugin: InjectorPlugin<typeof gcpOptions> = defineInjector({
  apiVersion: 1,
  name: "gcp",
  meta: {
    summary: "Google Cloud Secret Manager, fetched by an init container with the pod's own identity.",
    group: "name of the secret, or projects/PROJECT/secrets/NAME",
    key: "key of a secret that is a JSON object; none for the whole secret",
    mounts: ["FILE", "ENV_VAR"],
    stability: "beta",
  },
  options: gcpOptions,
  create: createGcpInjector,
});

export default plugin;
export { gcpOptions, type GcpOptions, type GcpSettings } from "./options.ts";
export { createGcpInjector } from "./gcp.ts";
