/** The container's Google identity, from where the request or the environment says. */
import { quoted } from "@pod-secrets/core";

import { FetchFailure } from "../../failure.ts";
import { onTheWayIn } from "../../identity/way-in.ts";
import type { ProviderHost } from "../../provider.ts";
import { remembered } from "../../remembered.ts";
import { parseCredentials, type GoogleCredentials } from "./credentials-file.ts";
import { tokenOfExternalAccount } from "./external-account.ts";
import { tokenOfMetadataServer } from "./metadata-server.ts";
import { tokenOfServiceAccount } from "./service-account.ts";
import type { GcpSettings } from "./settings.ts";

/** Gets an access token, once for all items of a round. @throws FetchFailure */
export function googleAccessToken(settings: GcpSettings, host: ProviderHost): (signal: AbortSignal) => Promise<string> {
  const find = remembered((_key, signal) => onTheWayIn(() => accessToken(settings, host, signal)));
  return (signal) => find("", signal);
}

async function accessToken(settings: GcpSettings, host: ProviderHost, signal: AbortSignal): Promise<string> {
  const file = settings.credentialsFile ?? host.env["GOOGLE_APPLICATION_CREDENTIALS"] ?? "";
  if (file === "") return tokenOfMetadataServer(settings, host, signal);
  const credentials = await readCredentials(file, host);
  return credentials.type === "service_account"
    ? tokenOfServiceAccount(credentials, settings, host, signal)
    : tokenOfExternalAccount(credentials, settings, host, signal);
}

async function readCredentials(file: string, { readFile }: ProviderHost): Promise<GoogleCredentials> {
  let content: Uint8Array;
  try {
    content = await readFile(file);
  } catch (error) {
    const cause = error instanceof Error ? error.message : "it cannot be read";
    throw new FetchFailure(
      "unauthenticated",
      `the credentials file ${quoted(file, 160)} cannot be had: ${cause}`,
      "Mount the file that credentialsFile or GOOGLE_APPLICATION_CREDENTIALS names into this container.",
    );
  }
  return parseCredentials(content, file);
}
