/** Faults that show when the user has something of the same name, or asks for many secrets. */
import { isSecretError, skipped, type Pod } from "@pod-secrets/core";

import { brokenInjector, remap, respec, type Broken, type Caught } from "./broken.ts";

/** An injector that first makes room for itself in the user's pod. */
function ruthless(caught: Omit<Caught, "says" | "sample">, clear: (pod: Pod) => Pod): Broken {
  return brokenInjector(
    { ...caught, sample: "fetcher", says: /on a conflict it/ },
    (good) => (pod, request, context) => {
      const cleared = clear(pod);
      return good.inject(cleared, request, { ...context, userPod: cleared });
    },
  );
}

/** An injector that lacks one of many secrets. */
function without(key: RegExp, by: string): Broken {
  return brokenInjector(
    { fault: `one of many is missing (${key.source})`, by, says: /is skipped \(not here\)/ },
    (good) => (pod, request, context) =>
      key.test(request.key) ? skipped("not here") : good.inject(pod, request, context),
  );
}

export const BROKEN_CONFLICTS: readonly Broken[] = [
  brokenInjector(
    { fault: "the user's env vars win in both profiles", by: "conflicts/env", says: /should give way/ },
    (good) => (pod, request, context) =>
      good.inject(pod, request, { ...context, profile: { ...context.profile, envPlacement: "append" } }),
  ),
  brokenInjector(
    { fault: "the user's env vars give way in both profiles", by: "conflicts/env", says: /on a conflict it/ },
    (good) => (pod, request, context) =>
      good.inject(pod, request, { ...context, profile: { ...context.profile, envPlacement: "prepend" } }),
  ),
  ruthless({ fault: "the user's volume is replaced", by: "conflicts/volume" }, (pod) =>
    respec(pod, ({ volumes }) => ({ volumes: (volumes ?? []).filter(({ name }) => name !== "fetched") })),
  ),
  ruthless({ fault: "the user's mount is replaced", by: "conflicts/mount" }, (pod) =>
    remap(pod, (container) => ({
      ...container,
      volumeMounts: (container.volumeMounts ?? []).filter(({ name }) => name !== "of-the-user"),
    })),
  ),
  ruthless({ fault: "the user's container is replaced", by: "conflicts/container" }, (pod) =>
    respec(pod, ({ initContainers, containers }) => ({
      initContainers: (initContainers ?? []).filter(({ name }) => name !== "fetch"),
      containers: containers.filter(({ name }) => name !== "fetch"),
    })),
  ),
  ruthless({ fault: "the user's annotation is replaced", by: "conflicts/annotation" }, ({ metadata, ...pod }) => ({
    ...pod,
    metadata: {
      ...metadata,
      annotations: Object.fromEntries(
        Object.entries(metadata?.annotations ?? {}).filter(([key]) => !key.startsWith("fetcher.example.com/")),
      ),
    },
  })),
  brokenInjector(
    {
      fault: "a conflict is passed on to the next manager",
      by: "conflicts/volume",
      says: /refuse it/,
      sample: "fetcher",
    },
    (good) => (pod, request, context) => {
      try {
        return good.inject(pod, request, context);
      } catch (error) {
        if (isSecretError(error)) return skipped("there is a conflict");
        throw error;
      }
    },
  ),
  without(/-0$/, "many-secrets/1"),
  without(/-9$/, "many-secrets/10"),
  without(/-99$/, "many-secrets/100"),
];
