/** Which Confidant, as whom, and which value in it. */
import * as z from "zod/mini";

import { awsSettings, type AwsSettings } from "../../aws/settings.ts";
import { absolutePath, lineOfText, serverUrl } from "../../settings.ts";

/**
 * A token of kmsauth: what the pod's AWS identity encrypts with a key that Confidant decrypts with. The settings of AWS
 * are for that alone: `caFile` and `allowHttp` here do not touch Confidant.
 */
export interface KmsAuth extends AwsSettings {
  readonly method: "kmsauth";
  /** Alias (`alias/...`), ARN or id of the KMS key: Confidant's `AUTH_KEY`. */
  readonly key: string;
  /** Whom the token is for: Confidant's `AUTH_CONTEXT`. */
  readonly to: string;
  /** Of the token; version 1 lacks the type of user, and is for servers that know no other. */
  readonly version: 1 | 2;
  /** How long the token holds; at most Confidant's `AUTH_TOKEN_MAX_LIFETIME`. */
  readonly tokenMinutes: number;
}

/** User name and password as they are: a token that was made elsewhere. */
export interface BasicAuth {
  readonly method: "basic";
  /** `2/service/NAME`, or `NAME` with a token of version 1. */
  readonly userName: string;
  /** Absolute path of a file that holds the password alone. */
  readonly passwordFile: string;
}

export interface ConfidantSettings {
  readonly url: string;
  /**
   * Id of the service whose credentials are read. By default the name of the pod's IAM role, which is what Confidant's
   * grants go by; `auth` of method `basic` needs it.
   */
  readonly service?: string | undefined;
  readonly auth: KmsAuth | BasicAuth;
  /** PEM file of the authorities that are trusted in place of Node's own, for Confidant alone. */
  readonly caFile?: string | undefined;
  /** Whether Confidant may be asked by plain HTTP on another machine. */
  readonly allowHttp: boolean;
}

/** Which value. */
export interface ConfidantSource {
  /** Name of the credential, to the letter. */
  readonly credential: string;
  /** Key in it. Confidant has all of them in lower case, so case does not matter. */
  readonly key: string;
  /** Asserted, since Confidant serves the last revision only: another one is a failure. */
  readonly revision?: number | undefined;
}

// IAM User Guide, "IAM and AWS STS quotas": names of roles. What starts with a dot might leave its place in a path.
const serviceId = z
  .string()
  .check(z.regex(/^[\w+=,@-][\w+=,.@-]{0,127}$/, "is no id of a service, such as a role's name"));

const kmsAuth = z.strictObject({
  method: z.literal("kmsauth"),
  // KMS API Reference, Encrypt, `KeyId`.
  key: z.string().check(z.regex(/^[a-zA-Z0-9:/_-]{1,2048}$/, "is no alias, ARN or id of a KMS key")),
  to: lineOfText(1024),
  version: z._default(z.union([z.literal(1), z.literal(2)]), 2),
  tokenMinutes: z._default(z.int().check(z.gte(5), z.lte(60)), 10),
  ...awsSettings,
});

const basicAuth = z.strictObject({
  method: z.literal("basic"),
  userName: z.string().check(z.regex(/^[\w+=,.@/-]{1,160}$/, "is no user name of kmsauth, such as 2/service/orders")),
  passwordFile: absolutePath,
});

export const confidantSettings: z.ZodMiniType<ConfidantSettings> = z
  .strictObject({
    url: serverUrl,
    service: z.optional(serviceId),
    auth: z.discriminatedUnion("method", [kmsAuth, basicAuth]),
    caFile: z.optional(absolutePath),
    allowHttp: z._default(z.boolean(), false),
  })
  .check(
    z.refine(
      ({ auth, service }) => auth.method === "kmsauth" || service !== undefined,
      "has no service: only kmsauth knows whose role the pod has",
    ),
  );

export const confidantSource: z.ZodMiniType<ConfidantSource> = z.strictObject({
  credential: lineOfText(1024),
  key: lineOfText(1024),
  revision: z.optional(z.int().check(z.gte(1), z.lte(Number.MAX_SAFE_INTEGER))),
});
