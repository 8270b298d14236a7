/** Values that the webhook itself reads and puts into the pod, as the Embedded manager of Flyte v2. */
import { defineInjector, type InjectorPlugin } from "@pod-secrets/core";

import { EMBEDDED_ERRORS } from "./errors.ts";
import { embeddedOptions } from "./options.ts";

const plugin: InjectorPlugin<typeof embeddedOptions> = defineInjector({
  apiVersion: 1,
  name: "embedded",
  meta: {
    summary: "Values that the webhook itself reads and puts into the pod, as the Embedded manager of Flyte 2.",
    group: "nothing to the store; part of the names by which flytekit looks",
    key: "name of the secret in its project and domain, its domain, or its organization",
    mounts: ["ENV_VAR", "FILE"],
    stability: "experimental",
    readsAtAdmission: true,
  },
  options: embeddedOptions,
  errors: EMBEDDED_ERRORS,
  // Whoever does not use this manager does not load the clients of four stores.
  create: async (options, host) => {
    const [{ createEmbeddedInjector }, { storeKind }] = await Promise.all([
      import("./embedded.ts"),
      import("./stores/kinds.ts"),
    ]);
    return createEmbeddedInjector(options, host, storeKind(options.store.type, options.store.settings, process.env));
  },
});

export default plugin;
export { createEmbeddedInjector } from "./embedded.ts";
export { embeddedOptions, type EmbeddedOptions } from "./options.ts";
export type { Scope, ScopedName } from "./scope.ts";
export type { StoreKind } from "./stores/store.ts";
