/** Pods whose secrets come by the init container, from stores that only tests have. */
import {
  PROFILES,
  createNaming,
  encodeRequests,
  mutatePod,
  type Container,
  type Mutation,
  type Pod,
  type PodSpec,
  type SecretAsk,
  type SecretInjector,
} from "@pod-secrets/core";

import { fetcherOptions, injectFetched, type FetchedSecret, type FetcherOptions } from "../src/index.ts";

export const IMAGE = "registry.example.com/pod-secrets-fetch:1";

export const OPTIONS: FetcherOptions = fetcherOptions.parse({ image: IMAGE });

/** A manager whose secrets are files of a folder: group and key as they are, and its name as group_version. */
export function fileManager(
  name: string,
  folder: string = "/secrets",
  options: FetcherOptions = OPTIONS,
): SecretInjector {
  return {
    name,
    inject(pod, request, context) {
      if (request.groupVersion !== name) return { outcome: "skipped", reason: "it is another's" };
      const secret: FetchedSecret = {
        name: `${request.group}/${request.key}`,
        provider: { name, use: "file", settings: { folder } },
        source: { path: `${request.group}/${request.key}` },
      };
      return injectFetched(pod, context, request, secret, options);
    },
  };
}

export function podAsking(asks: readonly SecretAsk[], spec: Partial<PodSpec> = {}): Pod {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "task", annotations: encodeRequests(asks) },
    spec: { containers: [{ name: "main", image: "example.com/task:1" }], ...spec },
  };
}

export function admit(pod: Pod, injectors: readonly SecretInjector[] = [fileManager("a")]): Promise<Mutation> {
  const profile = PROFILES["flyte-v1"];
  const facts = { namespace: "default", dryRun: false, deadline: Date.now() + 600_000 };
  return mutatePod(pod, facts, { profile, naming: createNaming(profile), injectors, onFailure: "deny" });
}

/** The pod with its secrets. @throws Error when it does not get them */
export async function admitted(pod: Pod, injectors?: readonly SecretInjector[]): Promise<Pod> {
  const mutation = await admit(pod, injectors);
  if (mutation.outcome !== "changed") throw new Error(JSON.stringify(mutation));
  return mutation.pod;
}

/** The init container that fetches. */
export function fetcherOf(pod: Pod): Container {
  const [first] = pod.spec?.initContainers ?? [];
  if (first?.name !== "pod-secrets-fetch") throw new Error("the first init container is another");
  return first;
}
