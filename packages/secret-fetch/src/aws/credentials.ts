/** The container's AWS identity, from where the pod's environment announces it. */
import { FetchFailure } from "../failure.ts";
import type { ProviderHost } from "../provider.ts";
import { remembered } from "../remembered.ts";
import { readContainerCredentials, readNodeCredentials } from "./metadata.ts";
import type { AwsSettings, CredentialSource } from "./settings.ts";
import type { AwsCredentials } from "./signature.ts";
import { assumeByWebIdentity, assumeRole, type WebIdentity } from "./sts.ts";
import { readToken } from "../identity/token-file.ts";
import { onTheWayIn } from "../identity/way-in.ts";

/** Finds the container's credentials, once for all items of a round. @throws FetchFailure */
export function awsCredentials(
  settings: AwsSettings,
  host: ProviderHost,
): (signal: AbortSignal) => Promise<AwsCredentials> {
  const find = remembered((_key, signal) =>
    onTheWayIn(async () => {
      const own = await ownCredentials(settings, host, signal);
      return settings.assumeRole === undefined ? own : assumeRole(settings.assumeRole, own, settings, host, signal);
    }),
  );
  return (signal) => find("", signal);
}

async function ownCredentials(settings: AwsSettings, host: ProviderHost, signal: AbortSignal): Promise<AwsCredentials> {
  const source = settings.credentials.find((name) => isAnnounced(name, host));
  if (source === undefined) throw noIdentity(settings.credentials);
  switch (source) {
    case "env":
      return fromEnv(host);
    case "web-identity":
      return assumeByWebIdentity(await webIdentity(host), settings, host, signal);
    case "pod-identity":
      return readContainerCredentials(host, signal);
    case "node":
      return readNodeCredentials(host, signal);
  }
}

/** Names as the AWS SDKs read them (SDKs and Tools Reference Guide). */
function isAnnounced(source: CredentialSource, { env }: ProviderHost): boolean {
  const has = (name: string): boolean => (env[name] ?? "") !== "";
  switch (source) {
    case "env":
      return has("AWS_ACCESS_KEY_ID") && has("AWS_SECRET_ACCESS_KEY");
    case "web-identity":
      return has("AWS_WEB_IDENTITY_TOKEN_FILE") && has("AWS_ROLE_ARN");
    case "pod-identity":
      return has("AWS_CONTAINER_CREDENTIALS_FULL_URI");
    case "node":
      return true;
  }
}

function fromEnv({ env }: ProviderHost): AwsCredentials {
  const sessionToken = env["AWS_SESSION_TOKEN"];
  return {
    accessKeyId: env["AWS_ACCESS_KEY_ID"] ?? "",
    secretAccessKey: env["AWS_SECRET_ACCESS_KEY"] ?? "",
    ...(sessionToken === undefined || sessionToken === "" ? {} : { sessionToken }),
  };
}

async function webIdentity({ env, readFile }: ProviderHost): Promise<WebIdentity> {
  const token = await readToken(readFile, env["AWS_WEB_IDENTITY_TOKEN_FILE"] ?? "");
  return { roleArn: env["AWS_ROLE_ARN"] ?? "", token, sessionName: env["AWS_ROLE_SESSION_NAME"] };
}

function noIdentity(sources: readonly CredentialSource[]): FetchFailure {
  return new FetchFailure(
    "unauthenticated",
    `the container has no AWS identity (looked for ${sources.join(", ")})`,
    "Give the pod's service account a role (IRSA or EKS Pod Identity). When it has one, its webhook ran before ours: let it sort after.",
  );
}
