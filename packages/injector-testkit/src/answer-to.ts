import type { Injection, Pod, SecretInjector } from "@pod-secrets/core";

import { injectionContext, type ContextSettings } from "./contexts.ts";
import { testPod } from "./pods.ts";
import { secretRequest, type RequestFields } from "./requests.ts";

/** What an injector answers to one request, before core has a look at it. */
export async function answerTo(
  fields: RequestFields,
  injector: SecretInjector,
  pod: Pod = testPod(),
  settings: ContextSettings = {},
): Promise<Injection> {
  return injector.inject(pod, secretRequest(fields), injectionContext(pod, settings));
}
