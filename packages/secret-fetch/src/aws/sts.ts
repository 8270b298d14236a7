/** Temporary credentials of AWS STS (API version 2011-06-15). */
import { quoted } from "@pod-secrets/core";

import { FetchFailure } from "../failure.ts";
import type { HttpResponse } from "../http.ts";
import type { ProviderHost } from "../provider.ts";
import { callSigned } from "./client.ts";
import { failureOfAnswer } from "./failures.ts";
import { endpointOf, regionOf } from "./regions.ts";
import type { AssumedRole, AwsSettings } from "./settings.ts";
import type { AwsCredentials } from "./signature.ts";

const SESSION_NAME = "pod-secrets-fetch";
const HEADERS = { "content-type": "application/x-www-form-urlencoded; charset=utf-8" };

/** An action of STS that an identity signs. */
export interface StsAction {
  readonly name: string;
  readonly fields: Readonly<Record<string, string>>;
  /** What was asked, as messages name it. */
  readonly what: string;
  readonly signal: AbortSignal;
}

/** The identity of a service account's token (IRSA). */
export interface WebIdentity {
  readonly roleArn: string;
  readonly token: string;
  readonly sessionName?: string | undefined;
}

/** `AssumeRoleWithWebIdentity`, which is not signed: the token speaks for itself. @throws FetchFailure */
export async function assumeByWebIdentity(
  { roleArn, token, sessionName = SESSION_NAME }: WebIdentity,
  settings: AwsSettings,
  host: ProviderHost,
  signal: AbortSignal,
): Promise<AwsCredentials> {
  const what = `AssumeRoleWithWebIdentity of ${quoted(roleArn, 160)}`;
  const body = form("AssumeRoleWithWebIdentity", {
    RoleArn: roleArn,
    RoleSessionName: sessionName,
    WebIdentityToken: token,
  });
  const url = endpointOf("sts", regionOf(settings, host), settings);
  const { caFile } = settings;
  const response = await host.http({ method: "POST", url, headers: HEADERS, body, signal, caFile });
  if (response.status !== 200) throw failureOfAnswer(what, response, host.now());
  return readCredentials(what, response);
}

/** `AssumeRole` with an identity that the container has. @throws FetchFailure */
export async function assumeRole(
  role: AssumedRole,
  credentials: AwsCredentials,
  settings: AwsSettings,
  host: ProviderHost,
  signal: AbortSignal,
): Promise<AwsCredentials> {
  const { arn, externalId, sessionName = SESSION_NAME } = role;
  const what = `AssumeRole of ${quoted(arn, 160)}`;
  const fields = {
    RoleArn: arn,
    RoleSessionName: sessionName,
    ...(externalId === undefined ? {} : { ExternalId: externalId }),
  };
  const action = { name: "AssumeRole", fields, what, signal };
  return readCredentials(what, await callSts(action, credentials, settings, host));
}

/** @returns an answer in XML. @throws FetchFailure */
export async function callSts(
  { name, fields, what, signal }: StsAction,
  credentials: AwsCredentials,
  settings: AwsSettings,
  host: ProviderHost,
): Promise<HttpResponse> {
  const region = regionOf(settings, host);
  const call = { service: "sts", region, what, headers: HEADERS, body: form(name, fields), signal } as const;
  return callSigned(call, credentials, settings, host);
}

function form(action: string, fields: Readonly<Record<string, string>>): string {
  return new URLSearchParams({ Action: action, Version: "2011-06-15", ...fields }).toString();
}

/** STS answers in XML. The fields hold base64 and ids only, so nothing in them is escaped. */
function readCredentials(what: string, { body }: HttpResponse): AwsCredentials {
  const text = new TextDecoder().decode(body);
  const field = (name: string): string =>
    new RegExp(`<${name}>\\s*([\\w+/=-]{8,8192})\\s*</${name}>`).exec(text)?.[1] ?? "";
  const accessKeyId = field("AccessKeyId");
  const secretAccessKey = field("SecretAccessKey");
  const sessionToken = field("SessionToken");
  if (accessKeyId !== "" && secretAccessKey !== "" && sessionToken !== "")
    return { accessKeyId, secretAccessKey, sessionToken };
  throw new FetchFailure(
    "invalid-answer",
    `${what}: the answer holds no credentials`,
    "Check endpoint and proxy: something else than AWS STS may answer there.",
  );
}
