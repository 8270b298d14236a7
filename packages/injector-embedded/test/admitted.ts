/** Pods of a project and domain, and the injector as the webhook makes it. */
import type { Injection, Pod, SecretInjector } from "@pod-secrets/core";
import {
  injectionContext,
  openInjector,
  secretRequest,
  testHost,
  testPod,
  type ContextSettings,
  type RequestFields,
} from "@pod-secrets/injector-testkit";
import { onTestFinished } from "vitest";

import { testOptions, withStore } from "./memory-store.ts";
import type { StoreKind } from "../src/index.ts";

/** Labels of a pod as Flyte 2 sets them. */
export const LABELS = { organization: "acme", project: "billing", domain: "production" };

export function labelledPod(labels: Readonly<Record<string, string>> = LABELS, pod: Pod = testPod()): Pod {
  return { ...pod, metadata: { ...pod.metadata, labels } };
}

/** Names of secrets for all scopes of such a pod. */
export const OF_PROJECT = (key: string): string => `u__org__acme__domain__production__project__billing__key__${key}`;
export const OF_DOMAIN = (key: string): string => `u__org__acme__domain__production__project____key__${key}`;
export const OF_ORGANIZATION = (key: string): string => `u__org__acme__domain____project____key__${key}`;

/** An injector that is disposed of when the test is over. What it counts is in `events`. */
export async function openEmbedded(
  store: StoreKind,
  options: Readonly<Record<string, unknown>> = {},
  { offline = false, events = [] }: { readonly offline?: boolean; readonly events?: string[] } = {},
): Promise<SecretInjector> {
  const stop = new AbortController();
  const host = { ...testHost(stop.signal), offline, count: (event: string) => events.push(event) };
  const injector = await openInjector(withStore(store), testOptions(options), host);
  onTestFinished(async () => {
    stop.abort();
    await injector.dispose?.();
  });
  return injector;
}

/** One secret of one new pod. */
export async function ask(
  injector: SecretInjector,
  fields: RequestFields,
  pod: Pod = labelledPod(),
  settings: ContextSettings = {},
): Promise<Injection> {
  return injector.inject(pod, secretRequest(fields), injectionContext(pod, settings));
}

/** Env vars of the first container of the pod that came of it. */
export function envOf(injection: Injection): Readonly<Record<string, string | undefined>> {
  if (injection.outcome !== "injected") throw new Error(JSON.stringify(injection));
  const env = injection.pod.spec?.containers?.[0]?.env ?? [];
  return Object.fromEntries(env.map(({ name, value }) => [name, value]));
}
