/** Access tokens of OAuth 2.0 (RFC 6749): a form goes to a token endpoint, and JSON comes back. */
import { FetchFailure } from "../failure.ts";
import type { Http, HttpResponse } from "../http.ts";
import { parseJsonObject, textField, type JsonObject } from "../json-object.ts";

/** One call of a token endpoint. */
export interface TokenCall {
  readonly url: URL;
  readonly fields: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  readonly caFile: string | undefined;
}

/** What an identity says of itself: a token goes into a header as it is. */
const TOKEN = /^[\x21-\x7e]{1,65536}$/;

/** @throws FetchFailure as the port does */
export function callTokenEndpoint({ url, fields, signal, caFile }: TokenCall, http: Http): Promise<HttpResponse> {
  const headers = { accept: "application/json", "content-type": "application/x-www-form-urlencoded" };
  return http({ method: "POST", url, headers, body: new URLSearchParams(fields).toString(), signal, caFile });
}

/**
 * @param what was asked, as messages name it
 * @param response of status 200
 * @param field name of the token
 * @throws FetchFailure `invalid-answer`
 */
export function accessTokenIn(what: string, { body }: HttpResponse, field = "access_token"): string {
  const token = textField(parseJsonObject(body) ?? {}, field) ?? "";
  if (TOKEN.test(token)) return token;
  throw new FetchFailure(
    "invalid-answer",
    `${what}: the answer holds no access token`,
    "Check address and proxy: something else may answer there.",
  );
}

/**
 * The name of an error (RFC 6749 5.2). They are in lower case: what else stands there says nothing of a secret.
 * @returns undefined for what is none
 */
export function oauthError(answer: JsonObject): string | undefined {
  const name = textField(answer, "error");
  return name !== undefined && /^[a-z_]{1,64}$/.test(name) ? name : undefined;
}
