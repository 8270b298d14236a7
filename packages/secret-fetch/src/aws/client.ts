/** Signed calls of AWS' services: JSON protocol 1.1 of Secrets Manager and KMS, query protocol of STS. */
import { FetchFailure } from "../failure.ts";
import type { HttpResponse } from "../http.ts";
import { parseJsonObject, type JsonObject } from "../json-object.ts";
import type { ProviderHost } from "../provider.ts";
import { errorCode, failureOfAnswer } from "./failures.ts";
import { endpointOf } from "./regions.ts";
import type { AwsService, AwsSettings } from "./settings.ts";
import { sign, type AwsCredentials } from "./signature.ts";

/** One call. */
export interface AwsCall {
  readonly service: AwsService;
  readonly region: string;
  /** What was asked, as messages name it. */
  readonly what: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly signal: AbortSignal;
}

/** An action of the JSON protocol. */
export interface AwsAction {
  readonly service: "secretsmanager" | "kms";
  readonly region: string;
  /** `X-Amz-Target`: `secretsmanager.GetSecretValue`, `TrentService.Encrypt`. */
  readonly target: string;
  readonly input: JsonObject;
  /** What was asked, as messages name it. */
  readonly what: string;
  readonly signal: AbortSignal;
}

/** A secret has at most 64 KiB; base64 and escapes make more of it. */
const MAX_ANSWER_BYTES = 1_048_576;

/** AWS takes signatures that are 5 minutes off (API Reference of Signature Version 4). */
const TOLERATED_SKEW = 240_000;
const SKEWED = new Set([
  "InvalidSignatureException",
  "SignatureDoesNotMatch",
  "RequestExpired",
  "RequestTimeTooSkewed",
  "AuthFailure",
]);

/** Calls an action, and reads its answer. @throws FetchFailure */
export async function callAction(
  action: AwsAction,
  credentials: AwsCredentials,
  settings: AwsSettings,
  host: ProviderHost,
): Promise<JsonObject> {
  const { target, input, what } = action;
  const headers = { "content-type": "application/x-amz-json-1.1", "x-amz-target": target };
  const response = await callSigned({ ...action, headers, body: JSON.stringify(input) }, credentials, settings, host);
  const answer = parseJsonObject(response.body);
  if (answer !== undefined) return answer;
  throw new FetchFailure(
    "invalid-answer",
    `${what}: the answer is no JSON object (HTTP ${response.status})`,
    "Check endpoint and proxy: something else than AWS may answer there.",
  );
}

/**
 * Sends a signed call. Where the node's clock is so wrong that AWS refuses the signature, the server's own time is
 * taken for a second one, as AWS' SDKs do.
 * @throws FetchFailure
 */
export async function callSigned(
  call: AwsCall,
  credentials: AwsCredentials,
  settings: AwsSettings,
  host: ProviderHost,
): Promise<HttpResponse> {
  const first = await send(call, credentials, settings, host, host.now());
  if (isSuccess(first)) return first;
  const serverTime = Date.parse(first.headers["date"] ?? "");
  const isSkewed = SKEWED.has(errorCode(first) ?? "") && Math.abs(serverTime - host.now()) > TOLERATED_SKEW;
  const last = isSkewed ? await send(call, credentials, settings, host, serverTime) : first;
  if (isSuccess(last)) return last;
  throw failureOfAnswer(call.what, last, host.now());
}

function isSuccess({ status }: HttpResponse): boolean {
  return status >= 200 && status < 300;
}

function send(
  { service, region, headers, body, signal }: AwsCall,
  credentials: AwsCredentials,
  settings: AwsSettings,
  { http }: ProviderHost,
  time: number,
): Promise<HttpResponse> {
  const url = endpointOf(service, region, settings);
  const signed = sign({ url, headers, body, service, region, time }, credentials);
  const { caFile } = settings;
  return http({ method: "POST", url, headers: signed, body, signal, caFile, maxBytes: MAX_ANSWER_BYTES });
}
