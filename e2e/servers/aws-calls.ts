/** Calls to an AWS service of moto that does not look at their signature. */

/** Services that speak JSON, and what their actions are prefixed with in `X-Amz-Target`. */
const TARGETS = { kms: "TrentService", secretsmanager: "secretsmanager" } as const;

/** Services that speak XML, and the version of their API. */
const VERSIONS = { iam: "2010-05-08", sts: "2011-06-15" } as const;

export type AwsService = keyof typeof TARGETS;
export type AwsInput = Readonly<Record<string, unknown>>;

interface Call<Service, Input> {
  readonly url: string;
  readonly region: string;
  readonly service: Service;
  readonly action: string;
  readonly input: Input;
}

/** https://docs.aws.amazon.com/kms/latest/APIReference/ and its like. @throws Error with the answer when it is no 200 */
export async function awsJson(call: Call<AwsService, AwsInput>): Promise<Record<string, unknown>> {
  const text = await answerTo(call, JSON.stringify(call.input), {
    "Content-Type": "application/x-amz-json-1.1",
    "X-Amz-Target": `${TARGETS[call.service]}.${call.action}`,
  });
  return text === "" || text === "null" ? {} : (JSON.parse(text) as Record<string, unknown>);
}

/** @returns XML. @throws Error with the answer when it is no 200 */
export function awsQuery(call: Call<keyof typeof VERSIONS, Readonly<Record<string, string>>>): Promise<string> {
  const { service, action, input } = call;
  const body = new URLSearchParams({ Action: action, Version: VERSIONS[service], ...input }).toString();
  return answerTo(call, body, { "Content-Type": "application/x-www-form-urlencoded" });
}

async function answerTo(
  { url, region, service, action }: Call<string, unknown>,
  body: string,
  headers: Readonly<Record<string, string>>,
): Promise<string> {
  // moto takes the service from the scope.
  const scope = `Credential=unchecked/20200101/${region}/${service}/aws4_request`;
  const authorization = `AWS4-HMAC-SHA256 ${scope}, SignedHeaders=host, Signature=none`;
  const response = await fetch(url, { method: "POST", body, headers: { ...headers, Authorization: authorization } });
  const text = await response.text();
  if (response.ok) return text;
  throw new Error(`${service} ${action}: ${response.status} ${text}`);
}
