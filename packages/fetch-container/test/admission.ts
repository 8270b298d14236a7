/** Pods whose secrets come by the init container, from stores that only tests have. */
import type { Container, Mutation, Pod, PodSpec, SecretAsk, SecretInjector } from "@pod-secrets/core";
import { admitPod, admittedPod, secretRequests, testPod, withRequests } from "@pod-secrets/injector-testkit";

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
  return withRequests(testPod(spec), secretRequests(asks));
}

export function admit(pod: Pod, injectors: readonly SecretInjector[] = [fileManager("a")]): Promise<Mutation> {
  return admitPod(pod, injectors);
}

/** The pod with its secrets. @throws Error when it does not get them */
export function admitted(pod: Pod, injectors: readonly SecretInjector[] = [fileManager("a")]): Promise<Pod> {
  return admittedPod(pod, injectors);
}

/** The init container that fetches. */
export function fetcherOf(pod: Pod): Container {
  const [first] = pod.spec?.initContainers ?? [];
  if (first?.name !== "pod-secrets-fetch") throw new Error("the first init container is another");
  return first;
}
