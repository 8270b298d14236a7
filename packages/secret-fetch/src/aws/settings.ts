/** Settings of every provider that talks to AWS. */
import * as z from "zod/mini";

import { absolutePath, serverUrl } from "../settings.ts";
import { isRegion } from "./region-name.ts";

const awsRegion = z.string().check(z.refine(isRegion, "is no AWS region, such as us-east-1"));

/** ARN of an IAM role (IAM User Guide, "IAM identifiers"). */
const roleArn = z
  .string()
  .check(
    z.maxLength(2048),
    z.regex(/^arn:aws[a-z0-9-]{0,30}:iam::[0-9]{12}:role\/[\w+=,.@/-]{1,1024}$/, "is no ARN of an IAM role"),
  );

/**
 * Where the container's AWS identity may come from: env vars, a web identity token (IRSA), EKS Pod Identity, or the
 * node's own role, which is not the pod's and therefore off unless named.
 */
export type CredentialSource = "env" | "web-identity" | "pod-identity" | "node";

/** As in host name and signature. */
export type AwsService = "secretsmanager" | "sts" | "kms";

/** The role that is assumed with the first identity, such as one of another account. */
export interface AssumedRole {
  readonly arn: string;
  /** What the role's trust policy asks for. */
  readonly externalId?: string | undefined;
  /** By which CloudTrail shows what is done with the role; `pod-secrets-fetch` when left out. */
  readonly sessionName?: string | undefined;
}

export interface AwsSettings {
  /** Region of the services; `AWS_REGION` of the container when left out. */
  readonly region?: string | undefined;
  /** Tried in this order; the first that the container has counts. */
  readonly credentials: readonly CredentialSource[];
  readonly assumeRole?: AssumedRole | undefined;
  /** Addresses in place of AWS' own: VPC endpoints, test servers. */
  readonly endpoints: { readonly [Service in AwsService]?: string | undefined };
  /** PEM file of the authorities that are trusted in place of Node's own. */
  readonly caFile?: string | undefined;
  /** Whether `endpoints` may be plain HTTP to another machine. */
  readonly allowHttp: boolean;
}

const sources = z.array(z.enum(["env", "web-identity", "pod-identity", "node"])).check(z.minLength(1));

const assumedRole = z.strictObject({
  arn: roleArn,
  externalId: z.optional(z.string().check(z.regex(/^[\w+=,.@:/-]{2,1224}$/, "is no external id as STS takes it"))),
  sessionName: z.optional(z.string().check(z.regex(/^[\w+=,.@-]{2,64}$/, "is no session name as STS takes it"))),
});

const endpoints = z.strictObject({
  secretsmanager: z.optional(serverUrl),
  sts: z.optional(serverUrl),
  kms: z.optional(serverUrl),
});

/** The schema of {@link AwsSettings}, field by field. */
export const awsSettings: { readonly [Name in keyof AwsSettings]-?: z.ZodMiniType<AwsSettings[Name]> } = {
  region: z.optional(awsRegion),
  credentials: z._default(sources, ["env", "web-identity", "pod-identity"]),
  assumeRole: z.optional(assumedRole),
  endpoints: z._default(endpoints, {}),
  caFile: z.optional(absolutePath),
  allowHttp: z._default(z.boolean(), false),
};
