/** Azure Key Vault: an init container fetches the value with the pod's own identity. */
import { defineInjector, type InjectorPlugin } from "@pod-secrets/core";

import { createAzureInjector } from "./azure.ts";
import { azureOptions } from "./options.ts";

const plugin: InjectorPlugin<typeof azureOptions> = defineInjector({
  apiVersion: 1,
  name: "azure",
  meta: {
    summary: "Azure Key Vault, fetched by an init container with the pod's own identity.",
    group: "address of the secret, https://VAULT.vault.azure.net/secrets/NAME",
    key: "key of a secret that is a JSON object; none for the whole secret",
    mounts: ["FILE", "ENV_VAR"],
    stability: "beta",
  },
  options: azureOptions,
  create: createAzureInjector,
});

export default plugin;
export { azureOptions, type AzureOptions, type AzureSettings } from "./options.ts";
export { createAzureInjector } from "./azure.ts";
