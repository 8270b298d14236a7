/** Secrets of Acme's safe, as a manager of pod-secrets: the pod fetches them itself when it starts. */
import { defineInjector, quoted, skipped, type InjectorPlugin } from "@pod-secrets/core";
import {
  absolutePath,
  fetcherOptions,
  injectFetched,
  serverUrl,
  type FetcherOptions,
} from "@pod-secrets/fetch-container";
import * as z from "zod";

/** Options of the manager in the config file. */
export interface SafeOptions {
  readonly url: string;
  readonly caFile?: string | undefined;
  readonly fetcher: FetcherOptions;
}

const options: z.ZodType<SafeOptions> = z.strictObject({
  url: serverUrl.describe("Address of the safe."),
  caFile: absolutePath.optional().describe("PEM file in the image with the authorities that are trusted for it."),
  fetcher: fetcherOptions.describe(
    "The init container that fetches the secrets; its image is the one with our program.",
  ),
});

const plugin: InjectorPlugin<typeof options> = defineInjector({
  apiVersion: 1,
  name: "acme-safe",
  meta: {
    summary: "Acme's safe, read by an init container as the pod's service account.",
    group: "name of the safe",
    key: "name of the secret in it",
    mounts: ["FILE", "ENV_VAR"],
    stability: "experimental",
  },
  options,
  create: ({ fetcher, ...settings }) => ({
    name: "acme-safe",
    inject(pod, request, context) {
      const { group, groupVersion, key } = request;
      // What the provider would refuse: the pod would be created, and never start.
      for (const name of [group, key]) if (!isName(name)) return skipped(`${quoted(name)} is no name in a safe`);
      if (groupVersion !== "") return skipped("a safe has no versions", "Leave group_version out.");
      const provider = { name: "acme-safe", use: "acme-safe", settings };
      const secret = { name: `${group}/${key}`, provider, source: { safe: group, secret: key } };
      return injectFetched(pod, context, request, secret, fetcher);
    },
  }),
});

function isName(text: string): boolean {
  return /^[a-z0-9][a-z0-9-]{0,62}$/.test(text);
}

export default plugin;
