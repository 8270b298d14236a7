/** The name by which Confidant knows the pod: that of its IAM role. */
import type { AwsSettings } from "../../aws/settings.ts";
import type { AwsCredentials } from "../../aws/signature.ts";
import { callSts } from "../../aws/sts.ts";
import { onTheWayIn } from "../../identity/way-in.ts";
import { FetchFailure } from "../../failure.ts";
import type { ProviderHost } from "../../provider.ts";

/** IAM User Guide, "IAM identifiers": of a role's session, and of a user, whose name may stand below a path. */
const IDENTITY =
  /<Arn>\s*arn:aws[a-z0-9-]{0,30}:(?:sts|iam)::[0-9]{12}:(?:assumed-role\/([\w+=,.@-]{1,64})\/[\w+=,.@-]{1,64}|user\/(?:[\w+=,.@-]{1,512}\/){0,16}([\w+=,.@-]{1,64}))\s*<\/Arn>/;

/** Asks STS, which every identity may. @throws FetchFailure */
export async function roleName(
  settings: AwsSettings,
  credentials: AwsCredentials,
  host: ProviderHost,
  signal: AbortSignal,
): Promise<string> {
  const name = "GetCallerIdentity";
  const action = { name, fields: {}, what: name, signal };
  const answer = await onTheWayIn(() => callSts(action, credentials, settings, host));
  const [, role, user] = IDENTITY.exec(new TextDecoder().decode(answer.body)) ?? [];
  const service = role ?? user ?? "";
  // What a path may not start with.
  if (service !== "" && !service.startsWith(".")) return service;
  throw new FetchFailure(
    "unauthenticated",
    "the pod's AWS identity is neither a role nor a user, so it names no service of Confidant",
    "Give the pod's service account a role, or name the service in the provider's settings.",
  );
}
