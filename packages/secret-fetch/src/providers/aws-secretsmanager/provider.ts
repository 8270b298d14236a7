/**
 * AWS Secrets Manager, by its HTTP API. The SDK's client was measured first: bundled it is 0.4 MB, but takes 18 MB of
 * memory and 73 ms before the first call, more than the whole program may.
 */
import { quoted } from "@pod-secrets/core";
import * as z from "zod/mini";

import { callAction } from "../../aws/client.ts";
import { awsCredentials } from "../../aws/credentials.ts";
import { regionOfArn } from "../../aws/region-name.ts";
import { regionOf } from "../../aws/regions.ts";
import { awsSettings, type AwsSettings } from "../../aws/settings.ts";
import { FetchFailure } from "../../failure.ts";
import { textField, type JsonObject } from "../../json-object.ts";
import { defineProvider, type Provider, type ProviderHost, type ProviderPlugin } from "../../provider.ts";
import { remembered } from "../../remembered.ts";
import { base64Bytes } from "../base64.ts";
import { textBytes } from "../exact-json.ts";
import { jsonKey } from "../json-key.ts";
import { awsSecretSource, isOfSecret, type AwsSecretSource } from "./source.ts";

const settings: z.ZodMiniType<AwsSettings> = z.strictObject(awsSettings);

export const awsSecretsManager: ProviderPlugin<typeof settings, typeof awsSecretSource> = defineProvider({
  name: "aws-secretsmanager",
  settings,
  source: awsSecretSource,
  create,
});

function create(options: AwsSettings, host: ProviderHost): Provider<AwsSecretSource> {
  const credentials = awsCredentials(options, host);
  // Several keys of one secret are one call, and of one version.
  const secretValue = remembered(async (key, signal) => {
    const { secretId, versionId, versionStage } = JSON.parse(key) as Omit<AwsSecretSource, "jsonKey">;
    const region = regionOfArn(secretId) ?? regionOf(options, host);
    const what = `GetSecretValue of ${quoted(secretId, 200)} in ${region}`;
    const input = { SecretId: secretId, ...named("VersionId", versionId), ...named("VersionStage", versionStage) };
    const target = "secretsmanager.GetSecretValue";
    const action = { service: "secretsmanager", region, target, input, what, signal } as const;
    const answer = await callAction(action, await credentials(signal), options, host);
    if (!isOfSecret(answer, secretId)) throw wrong(`${what}: the answer is not of this secret`);
    checkVersion(answer, versionId, what);
    return bytesOf(answer, what);
  });
  return {
    fetch: async ({ secretId, versionId, versionStage, jsonKey: key }, signal) => {
      const bytes = await secretValue(JSON.stringify({ secretId, versionId, versionStage }), signal);
      return key === undefined ? bytes : jsonKey(bytes, key, `the secret ${quoted(secretId, 200)}`);
    },
  };
}

function named(name: string, value: string | undefined): JsonObject {
  return value === undefined ? {} : { [name]: value };
}

function checkVersion(answer: JsonObject, versionId: string | undefined, what: string): void {
  if (versionId === undefined || textField(answer, "VersionId") === versionId) return;
  throw wrong(`${what}: the answer holds another version than ${versionId}`);
}

function bytesOf(answer: JsonObject, what: string): Uint8Array {
  const text = textField(answer, "SecretString");
  if (text !== undefined) return textBytes(text) ?? noText(what);
  const binary = textField(answer, "SecretBinary");
  const bytes = binary === undefined ? undefined : base64Bytes(binary);
  if (bytes !== undefined) return bytes;
  throw wrong(`${what}: the answer holds no value`);
}

function wrong(cause: string): FetchFailure {
  return new FetchFailure("invalid-answer", cause, "Check what answers at the endpoint.");
}

function noText(what: string): never {
  const cause = `${what}: the value is no text: half of a character stands alone`;
  throw new FetchFailure("unusable-value", cause, "Store it as binary.");
}
