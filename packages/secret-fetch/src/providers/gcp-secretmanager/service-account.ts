/** The key of a service account -> an access token, by a signed assertion (RFC 7523; AIP-4112). */
import { createPrivateKey, sign, type KeyObject } from "node:crypto";

import { FetchFailure } from "../../failure.ts";
import { accessTokenIn, callTokenEndpoint } from "../../identity/oauth.ts";
import type { ProviderHost } from "../../provider.ts";
import type { ServiceAccountKey } from "./credentials-file.ts";
import { failureOfAnswer } from "./failures.ts";
import { LOGIN_MEANINGS } from "./meanings.ts";
import { SCOPE } from "./scope.ts";
import type { GcpSettings } from "./settings.ts";

const WHAT = "the login of the service account";
/** Seconds. Google takes no assertion that holds longer, or begins later than now: clocks differ a little. */
const LIFETIME = 3600;
const EARLY = 10;

/** @throws FetchFailure */
export async function tokenOfServiceAccount(
  account: ServiceAccountKey,
  { caFile }: GcpSettings,
  { http, now }: ProviderHost,
  signal: AbortSignal,
): Promise<string> {
  const assertion = signedAssertion(account, now());
  const fields = { grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer", assertion };
  const response = await callTokenEndpoint({ url: new URL(account.token_uri), fields, signal, caFile }, http);
  if (response.status !== 200) throw failureOfAnswer(WHAT, response, now(), LOGIN_MEANINGS);
  return accessTokenIn(WHAT, response);
}

function signedAssertion(account: ServiceAccountKey, now: number): string {
  const { client_email: issuer, private_key_id: keyId, private_key: key, token_uri: audience } = account;
  const begin = Math.floor(now / 1000) - EARLY;
  const header = { alg: "RS256", typ: "JWT", ...(keyId === undefined ? {} : { kid: keyId }) };
  const claims = { iss: issuer, scope: SCOPE, aud: audience, iat: begin, exp: begin + LIFETIME };
  const text = `${encoded(JSON.stringify(header))}.${encoded(JSON.stringify(claims))}`;
  return `${text}.${sign("RSA-SHA256", Buffer.from(text), rsaKey(key)).toString("base64url")}`;
}

function encoded(text: string): string {
  return Buffer.from(text).toString("base64url");
}

/** What is wrong with a key is not shown: OpenSSL's text may quote it. */
function rsaKey(pem: string): KeyObject {
  try {
    const key = createPrivateKey(pem);
    if (key.asymmetricKeyType === "rsa") return key;
  } catch {
    // As below.
  }
  throw new FetchFailure(
    "wrong-request",
    "private_key of the credentials file is no RSA key in PEM",
    "Mount the file as Google wrote it, with its line ends.",
  );
}
