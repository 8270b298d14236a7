/**
 * Credentials of Confidant, Lyft's store on AWS: an init container reads those of the pod's own service with the pod's
 * own AWS identity. The webhook has no right in Confidant, and never sees a value.
 */
import {
  hasControlCharacters,
  missingGroup,
  missingKey,
  quoted,
  skipped,
  type Injection,
  type SecretInjector,
  type SecretRequest,
} from "@pod-secrets/core";
import { injectFetched, type FetchedSecret, type FetcherOptions } from "@pod-secrets/fetch-container";

import type { ConfidantOptions } from "./options.ts";

/** Longest name of a credential and of a key, together with what is between them one line of the program's messages. */
const MAX_NAME = 500;

/** Gives pods the credentials of Confidant. */
export function createConfidantInjector({ fetcher, ...options }: ConfidantOptions): SecretInjector {
  const { auth, ...rest } = options;
  const settings = { ...rest, auth: { method: "kmsauth", ...auth } };
  const provider = { name: "confidant", use: "confidant", settings };
  return {
    name: "confidant",
    inject(pod, request, context) {
      const unfit = notMine(request) ?? noEnvVar(request, fetcher);
      if (unfit !== undefined) return unfit;
      const { group: credential, groupVersion } = request;
      // Confidant has all keys in lower case: so two requests for one value are the same.
      const key = request.key.toLowerCase();
      const revision = groupVersion === "" ? undefined : Number(groupVersion);
      const secret: FetchedSecret = {
        name: `${credential}/${key}`,
        provider,
        source: { credential, key, revision },
      };
      return injectFetched(pod, context, request, secret, fetcher);
    },
  };
}

function notMine(request: SecretRequest): Injection | undefined {
  const { group, key, groupVersion } = request;
  const missing = missingGroup(request) ?? missingKey(request);
  if (missing !== undefined) return missing;
  if (group.startsWith("arn:")) return skipped(`${quoted(group)} is an ARN, and no name of a credential`);
  if (!isName(group) || !isName(key.toLowerCase()))
    return skipped("a name in Confidant has at most 500 characters, and no control characters");
  if (!isRevision(groupVersion))
    return skipped(
      `group_version ${quoted(groupVersion)} is no revision of a credential, which is a number`,
      // That of an engine of Vault is meant for it.
      /^[0-9]/.test(groupVersion) ? "Set group_version to a number from 1 on, or leave it out." : undefined,
    );
  return undefined;
}

/** Any group may be a credential's name. Only with a revision it is most likely meant as one, and worth a fix. */
function noEnvVar(
  { mountRequirement, groupVersion }: SecretRequest,
  { envVars }: FetcherOptions,
): Injection | undefined {
  return mountRequirement === "ENV_VAR" && envVars === "none" && groupVersion === ""
    ? skipped("credentials of Confidant are files here, not env vars")
    : undefined;
}

function isName(text: string): boolean {
  return text.length <= MAX_NAME && !hasControlCharacters(text);
}

/** At most what JSON's numbers hold exactly. */
function isRevision(text: string): boolean {
  return text === "" || /^[1-9][0-9]{0,14}$/.test(text);
}
