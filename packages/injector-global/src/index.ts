/** Global secrets: env vars and files of the webhook itself. They come before every other manager. */
import { defineInjector, type InjectorPlugin } from "@pod-secrets/core";

import { GLOBAL_ERRORS } from "./errors.ts";
import { createGlobalInjector } from "./global.ts";
import { globalOptions } from "./options.ts";

const plugin: InjectorPlugin<typeof globalOptions> = defineInjector({
  apiVersion: 1,
  name: "global",
  meta: {
    summary: "Secrets of the webhook itself: its env vars, and files of a directory.",
    group: "first part of the env var's name, or directory of the file",
    key: "second part of the env var's name, or name of the file",
    mounts: ["ENV_VAR"],
    stability: "stable",
  },
  options: globalOptions,
  errors: GLOBAL_ERRORS,
  create: (options, host) => createGlobalInjector(options, host, process.env),
});

export default plugin;
export type { Environment } from "./environment.ts";
export { globalOptions, type GlobalOptions } from "./options.ts";
export { createGlobalInjector } from "./global.ts";
