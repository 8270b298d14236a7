/**
 * Secret Manager of Google Cloud, by the program that fetches: one init container for all secrets of the pod. Files are
 * where Flyte has them, and with a key, or without a version, where flytekit looks for such a secret.
 */
import {
  lookedUpBy,
  quoted,
  skipped,
  type Injection,
  type SecretInjector,
  type SecretRequest,
} from "@pod-secrets/core";
import { injectFetched, unfitJsonKey, type FetchedSecret } from "@pod-secrets/fetch-container";

import type { GcpFetchOptions, GcpSettings } from "./options.ts";
import { isMeant, unfitNames } from "./unfit.ts";

/** Gives pods the secrets of Google Cloud. */
export function createFetchInjector({ fetcher, settings }: GcpFetchOptions): SecretInjector {
  const provider = { name: "gcp", use: "gcp-secretmanager", settings: { ...settings } };
  return {
    name: "gcp",
    inject(pod, request, context) {
      const unfit = unfitNames(request) ?? withoutProject(request, settings) ?? unfitJsonKey(request.key);
      if (unfit !== undefined) return unfit;
      const { group, groupVersion, key } = request;
      if (request.mountRequirement === "ENV_VAR" && fetcher.envVars === "none" && !isMeant(request))
        return skipped("secrets of Google Cloud are files here, not env vars");
      const secret: FetchedSecret = {
        name: nameOf(request),
        provider,
        source: { secret: group, version: given(groupVersion), jsonKey: given(key) },
      };
      return injectFetched(pod, lookedUpBy(context, [group, groupVersion, key]), request, secret, fetcher);
    },
  };
}

/** Every bare name would do, whoever's it is. */
function withoutProject(request: SecretRequest, { project }: GcpSettings): Injection | undefined {
  return project === undefined && !isMeant(request)
    ? skipped(`${quoted(request.group)} names no project of Google Cloud, and none is configured`)
    : undefined;
}

/** What the messages of the program call it. */
function nameOf({ group, groupVersion, key }: SecretRequest): string {
  const version = groupVersion === "" ? "" : `/versions/${groupVersion}`;
  return `${group}${version}${key === "" ? "" : `#${key}`}`;
}

function given(text: string): string | undefined {
  return text === "" ? undefined : text;
}
