import type { GlobalOptions } from "../src/index.ts";
import { createGlobalInjector, globalOptions } from "../src/index.ts";
import type { InjectorHost, SecretInjector } from "@pod-secrets/core";
import { testHost } from "@pod-secrets/injector-testkit";
import { onTestFinished } from "vitest";

/** What a test sets: options, and the env vars of the webhook. */
export interface GlobalSettings extends Partial<GlobalOptions> {
  readonly env?: Readonly<Record<string, string>>;
}

/** The injector with these secrets, disposed of when the test has finished. */
export async function openGlobal(
  { env = {}, ...options }: GlobalSettings = {},
  host: InjectorHost = testHost(),
): Promise<SecretInjector> {
  const checked = globalOptions.parse({ directory: "/nonexistent", ...options });
  const injector = await createGlobalInjector(checked, host, env);
  onTestFinished(() => injector.dispose?.());
  return injector;
}
