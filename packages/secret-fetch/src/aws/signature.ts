/**
 * AWS Signature Version 4, for what the program sends: a POST without a query. Source: AWS IAM User Guide, "Create a
 * signed AWS API request". A test holds it against @smithy/signature-v4, which itself would take 5 MB of memory.
 */
import { createHash, createHmac } from "node:crypto";

/** What signs a call. */
export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Of temporary credentials. */
  readonly sessionToken?: string | undefined;
}

/** A call to sign. */
export interface UnsignedCall {
  readonly url: URL;
  /** Names in lower case. `host` and `x-amz-date` are added, and all are signed. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** As the signature has it, such as `secretsmanager`. */
  readonly service: string;
  readonly region: string;
  /** Milliseconds since 1970, UTC. */
  readonly time: number;
}

/**
 * @returns the headers to send: those given, `x-amz-date`, `x-amz-security-token` and `authorization`
 */
export function sign(call: UnsignedCall, credentials: AwsCredentials): Readonly<Record<string, string>> {
  const { url, body, service, region } = call;
  const stamp = timeStamp(call.time);
  const day = stamp.slice(0, 8);
  const { sessionToken } = credentials;
  const sent = {
    ...call.headers,
    "x-amz-date": stamp,
    ...(sessionToken === undefined ? {} : { "x-amz-security-token": sessionToken }),
  };
  const signed = Object.entries({ ...sent, host: url.host }).toSorted(([left], [right]) => (left < right ? -1 : 1));
  const names = signed.map(([name]) => name).join(";");
  const canonical = [
    "POST",
    canonicalPath(url),
    "",
    ...signed.map(([name, value]) => `${name}:${value.trim().replaceAll(/ +/g, " ")}`),
    "",
    names,
    sha256(body),
  ].join("\n");
  const scope = `${day}/${region}/${service}/aws4_request`;
  const text = ["AWS4-HMAC-SHA256", stamp, scope, sha256(canonical)].join("\n");
  const key = [day, region, service, "aws4_request"].reduce<string | Buffer>(
    (secret, part) => hmac(secret, part),
    `AWS4${credentials.secretAccessKey}`,
  );
  const signature = hmac(key, text).toString("hex");
  const credential = `${credentials.accessKeyId}/${scope}`;
  return {
    ...sent,
    authorization: `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=${names}, Signature=${signature}`,
  };
}

/** ISO 8601 in its basic form: `20260131T235959Z`. @param time milliseconds since 1970 */
export function timeStamp(time: number): string {
  return new Date(time).toISOString().replaceAll(/[-:]|\.[0-9]{3}/g, "");
}

/** Each part encoded once more than the URL has it, as for all services but S3. */
function canonicalPath({ pathname }: URL): string {
  return pathname
    .split("/")
    .map((part) => encodeURIComponent(part).replaceAll(/[!'()*]/g, (character) => `%${hexOf(character)}`))
    .join("/");
}

function hexOf(character: string): string {
  return character.charCodeAt(0).toString(16).toUpperCase();
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}
