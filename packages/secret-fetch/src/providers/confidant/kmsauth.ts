/**
 * Tokens of kmsauth (https://github.com/lyft/python-kmsauth, release 0.6.3): a span of time, encrypted with KMS under a
 * context that says who speaks to whom. That KMS encrypts it is the proof, so a policy of the key decides on it.
 */
import { quoted } from "@pod-secrets/core";

import { callAction } from "../../aws/client.ts";
import { regionOfArn } from "../../aws/region-name.ts";
import { regionOf } from "../../aws/regions.ts";
import { timeStamp, type AwsCredentials } from "../../aws/signature.ts";
import { onTheWayIn } from "../../identity/way-in.ts";
import { FetchFailure } from "../../failure.ts";
import { textField, type JsonObject } from "../../json-object.ts";
import type { ProviderHost } from "../../provider.ts";
import type { KmsAuth } from "./settings.ts";

/** User name and password for Confidant. */
export interface Login {
  readonly userName: string;
  readonly password: string;
}

/** A token begins before it is made, since clocks differ: as kmsauth itself has it. */
const MINUTE = 60_000;
const EARLY = 3 * MINUTE;

/** @param from the service in whose name it is. @throws FetchFailure */
export async function kmsLogin(
  auth: KmsAuth,
  from: string,
  credentials: AwsCredentials,
  host: ProviderHost,
  signal: AbortSignal,
): Promise<Login> {
  const { key, to, version, tokenMinutes } = auth;
  const begin = host.now() - EARLY;
  const span = { not_before: timeStamp(begin), not_after: timeStamp(begin + tokenMinutes * MINUTE) };
  const what = `Encrypt with the KMS key ${quoted(key, 200)}`;
  const action = {
    service: "kms",
    region: regionOfArn(key) ?? regionOf(auth, host),
    target: "TrentService.Encrypt",
    input: {
      KeyId: key,
      Plaintext: Buffer.from(JSON.stringify(span)).toString("base64"),
      EncryptionContext: { to, from, ...(version === 1 ? {} : { user_type: "service" }) },
    },
    what,
    signal,
  } as const;
  const password = tokenOf(await onTheWayIn(() => callAction(action, credentials, auth, host)), what);
  return { userName: version === 1 ? from : `2/service/${from}`, password };
}

function tokenOf(answer: JsonObject, what: string): string {
  const token = textField(answer, "CiphertextBlob") ?? "";
  if (/^[A-Za-z0-9+/]{4,16384}={0,2}$/.test(token)) return token;
  throw new FetchFailure(
    "invalid-answer",
    `${what}: the answer holds no ciphertext`,
    "Check endpoint and proxy: something else than AWS KMS may answer there.",
  );
}
