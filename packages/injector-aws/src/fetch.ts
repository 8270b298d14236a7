/**
 * AWS Secrets Manager, by the program that fetches: one init container for all secrets of the pod, which ends with an
 * error when AWS refuses one. Files are where Flyte has them.
 */
import { missingGroup, missingKey, quoted, skipped, type SecretInjector, type SecretRequest } from "@pod-secrets/core";
import { injectFetched, isJsonKey, type FetchedSecret } from "@pod-secrets/fetch-container";

import { composeArn, isSecretArn } from "./arn.ts";
import type { AwsFetchOptions } from "./options.ts";

/** Gives pods the secrets of AWS Secrets Manager. */
export function createFetchInjector({ fetcher, settings }: AwsFetchOptions): SecretInjector {
  const provider = { name: "aws", use: "aws-secretsmanager", settings: { ...settings } };
  return {
    name: "aws",
    inject(pod, request, context) {
      const missing = missingGroup(request) ?? missingKey(request);
      if (missing !== undefined) return missing;
      const { arn, jsonKey } = nameOf(request);
      if (!isSecretArn(arn)) return noArn(request, arn);
      if (jsonKey !== undefined && !isJsonKey(jsonKey))
        return skipped(`${quoted(jsonKey)} is no key of a JSON secret`, "Set key to NAME#KEY, or to NAME alone.");
      const version = versionOf(request.groupVersion);
      if (version === undefined)
        return skipped(
          `${quoted(request.groupVersion)} is no version of a secret of AWS`,
          "Set group_version to the label or the id of a version, or leave it out for the current one.",
        );
      const name = jsonKey === undefined ? arn : `${arn}#${jsonKey}`;
      const secret: FetchedSecret = { name, provider, source: { secretId: arn, ...version, jsonKey } };
      return injectFetched(pod, context, request, secret, fetcher);
    },
  };
}

/** No name of a secret has a `#`: behind it stands the key of a JSON secret. */
function nameOf({ group, key }: SecretRequest): { readonly arn: string; readonly jsonKey: string | undefined } {
  const at = key.indexOf("#");
  if (at === -1) return { arn: composeArn({ group, key }), jsonKey: undefined };
  return { arn: composeArn({ group, key: key.slice(0, at) }), jsonKey: key.slice(at + 1) };
}

function noArn({ group }: SecretRequest, arn: string): ReturnType<typeof skipped> {
  const reason = `${quoted(arn, 160)} is no ARN of AWS Secrets Manager`;
  return group.startsWith("arn:")
    ? skipped(reason, "Set group to the ARN up to `:secret`, and key to the name of the secret.")
    : skipped(reason);
}

/** Which version; that of `AWSCURRENT` when the request names none. */
function versionOf(text: string): { readonly versionId?: string; readonly versionStage?: string } | undefined {
  if (text === "") return {};
  // AWS makes ids of UUIDs. Labels may look so as well, and nobody has such.
  if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text)) return { versionId: text };
  return /^[A-Za-z0-9/_+=.@-]{1,256}$/.test(text) ? { versionStage: text } : undefined;
}
