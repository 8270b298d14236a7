/** Volumes of the Secrets Store CSI driver, as a secret manager of pod-secrets. */
import { defineInjector, type InjectorPlugin } from "@pod-secrets/core";

import { createCsiInjector } from "./csi.ts";
import { csiOptions } from "./options.ts";

const plugin: InjectorPlugin<typeof csiOptions> = defineInjector({
  apiVersion: 1,
  name: "csi",
  meta: {
    summary: "Volumes of the Secrets Store CSI driver.",
    group: "name of a SecretProviderClass in the pod's namespace",
    key: "file in its volume, in lower case",
    mounts: ["FILE"],
    stability: "experimental",
  },
  options: csiOptions,
  errors: {
    "csi/no-versions": {
      summary: "A version of a SecretProviderClass is asked for",
      why: "A SecretProviderClass names the version of each secret itself.",
      fix: "Leave group_version out, and set objectVersion in the SecretProviderClass.",
    },
  },
  create: createCsiInjector,
});

export default plugin;
export type { CsiOptions } from "./options.ts";
