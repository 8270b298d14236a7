import type { InjectorHost, SecretInjector } from "@pod-secrets/core";

import { createFetchInjector } from "./fetch.ts";
import type { AwsOptions } from "./options.ts";
import { createSidecarInjector } from "./sidecar.ts";

/** Gives pods the secrets of AWS Secrets Manager. */
export function createAwsInjector(options: AwsOptions, host: InjectorHost): SecretInjector {
  return options.mode === "fetch" ? createFetchInjector(options) : createSidecarInjector(options, host);
}
