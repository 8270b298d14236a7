/** The store and the pod that the README of embedded speaks of. */
import { defineInjector, type InjectorPlugin, type Pod } from "@pod-secrets/core";
import embedded, { createEmbeddedInjector, type StoreKind } from "@pod-secrets/injector-embedded";

const PASSWORD = "u__org__flyte__domain__development__project__flytesnacks__key__password";

const store: StoreKind = {
  provider: {
    name: "example",
    settings: anything(),
    source: anything(),
    create: () => ({
      fetch: async (source) => {
        if (source !== PASSWORD) throw new Error(`the README asks for ${PASSWORD}`);
        return Buffer.from("hunter2");
      },
    }),
  },
  settings: {},
  env: {},
  source: ({ organization, domain, project, key }) =>
    `u__org__${organization}__domain__${domain}__project__${project}__key__${key}`,
};

/** A schema that takes what it gets. */
function anything(): StoreKind["provider"]["source"] {
  return { "~standard": { version: 1, vendor: "test", validate: (value) => ({ value }) } };
}

/** The plugin with that store in place of the one of its options. */
export const EMBEDDED: InjectorPlugin = defineInjector({
  ...embedded,
  create: (options, host) => createEmbeddedInjector(options, host, store),
});

/** Where such a pod is. */
export const NAMESPACE = "flytesnacks-development";

/** The pod as Flyte 2 labels it. */
export function labelled(pod: Pod): Pod {
  const labels = { organization: "flyte", project: "flytesnacks", domain: "development" };
  return { ...pod, metadata: { ...pod.metadata, labels } };
}
