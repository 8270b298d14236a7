import type { SecretInjector } from "@pod-secrets/core";

import { createFetchInjector } from "./fetch.ts";
import type { GcpOptions } from "./options.ts";
import { createSidecarInjector } from "./sidecar.ts";

/** Gives pods the secrets of Google Cloud. */
export function createGcpInjector(options: GcpOptions): SecretInjector {
  return options.mode === "fetch" ? createFetchInjector(options) : createSidecarInjector(options);
}
