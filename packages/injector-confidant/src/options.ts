import {
  AWS_SERVERS,
  absolutePath,
  awsSettings,
  fetcherOptions,
  serverUrl,
  withPrivateWays,
  type AwsSettings,
  type FetcherOptions,
} from "@pod-secrets/fetch-container";
import { hasControlCharacters } from "@pod-secrets/core";
import * as z from "zod";

/** How a pod proves to Confidant who it is: a token that its AWS identity makes with a key of KMS. */
export interface KmsAuth extends AwsSettings {
  /** Alias, ARN or id of the key: Confidant's `AUTH_KEY`. */
  readonly key: string;
  /** Whom the token is for: Confidant's `AUTH_CONTEXT`. */
  readonly to: string;
  /** Of the token; the program's default when left out. */
  readonly version?: 1 | 2 | undefined;
  /** How long the token holds; the program's default when left out. */
  readonly tokenMinutes?: number | undefined;
}

/** Options of the manager in the config file. */
export interface ConfidantOptions {
  readonly fetcher: FetcherOptions;
  readonly url: string;
  readonly auth: KmsAuth;
  /** Id of the service whose credentials pods read; that of each pod's role when left out. */
  readonly service?: string | undefined;
  /** PEM file in the image with the authorities that are trusted for Confidant. */
  readonly caFile?: string | undefined;
  readonly allowHttp?: boolean | undefined;
}

const auth: z.ZodType<KmsAuth> = withPrivateWays(
  z.strictObject({
    key: z
      .string()
      .regex(/^[a-zA-Z0-9:/_-]{1,2048}$/, "is no alias, ARN or id of a KMS key")
      .describe("Alias, ARN or id of the KMS key that Confidant decrypts tokens with: its AUTH_KEY."),
    to: z
      .string()
      .min(1)
      .max(1024)
      .refine((text) => !hasControlCharacters(text), "has control characters")
      .describe("Whom a token is for: Confidant's AUTH_CONTEXT."),
    version: z
      .union([z.literal(1), z.literal(2)])
      .optional()
      .describe("Version of the token; 1 is for a Confidant that knows no other. Left out: 2."),
    tokenMinutes: z
      .int()
      .min(5)
      .max(60)
      .optional()
      .describe("How long a token holds, in minutes; at most Confidant's AUTH_TOKEN_MAX_LIFETIME. Left out: 10."),
    ...awsSettings,
  }),
  AWS_SERVERS,
);

/** Schema of {@link ConfidantOptions}; its descriptions are the reference and the JSON Schema. */
export const confidantOptions: z.ZodType<ConfidantOptions> = withPrivateWays(
  z.strictObject({
    url: serverUrl.describe("Address of Confidant."),
    auth: auth.describe("How a pod proves to Confidant who it is: a token that its AWS identity encrypts by KMS."),
    fetcher: fetcherOptions.describe("The init container that fetches the secrets."),
    service: z
      .string()
      .regex(/^[\w+=,@-][\w+=,.@-]{0,127}$/, "is no id of a service, such as a role's name")
      .optional()
      .describe(
        "Id of the service whose credentials pods read. Left out: the name of each pod's IAM role, which is what Confidant's grants go by. Where it is set, the role of every pod needs the right to make tokens in its name.",
      ),
    caFile: absolutePath
      .optional()
      .describe("PEM file in the image with the authorities that are trusted for Confidant in place of Node's own."),
    allowHttp: z
      .boolean()
      .optional()
      .describe("Whether `url` may be plain HTTP to another machine: everybody on the way reads the secrets then."),
  }),
  [["url"]],
);
