/** How the init container speaks to AWS: settings of its program, as options. */
import * as z from "zod";

import { caFile, serverUrl, type ServerPath } from "./settings.ts";

/** Where the pod's AWS identity may come from. */
export type CredentialSource = "env" | "web-identity" | "pod-identity" | "node";

/** What `docs/fetch.md` calls the settings of AWS. */
export interface AwsSettings {
  readonly region?: string | undefined;
  readonly credentials?: readonly CredentialSource[] | undefined;
  readonly assumeRole?:
    | {
        readonly arn: string;
        readonly externalId?: string | undefined;
        readonly sessionName?: string | undefined;
      }
    | undefined;
  readonly endpoints?:
    | {
        readonly secretsmanager?: string | undefined;
        readonly sts?: string | undefined;
        readonly kms?: string | undefined;
      }
    | undefined;
  readonly caFile?: string | undefined;
  readonly allowHttp?: boolean | undefined;
}

const assumeRole = z.strictObject({
  arn: z
    .string()
    .max(1024)
    .regex(/^arn:aws[a-z0-9-]{0,30}:iam::[0-9]{12}:role\/[\w+=,.@/-]{1,900}$/, "is no ARN of an IAM role")
    .describe("ARN of the role."),
  externalId: z
    .string()
    .regex(/^[\w+=,.@:/-]{2,1224}$/, "is no external id as STS takes it")
    .optional()
    .describe("What its trust policy asks for."),
  sessionName: z
    .string()
    .regex(/^[\w+=,.@-]{2,64}$/, "is no session name as STS takes it")
    .optional()
    .describe("By which CloudTrail shows what is done with the role."),
});

const endpoints = z.strictObject({
  secretsmanager: serverUrl.optional().describe("Address of Secrets Manager."),
  sts: serverUrl.optional().describe("Address of STS."),
  kms: serverUrl.optional().describe("Address of KMS."),
});

/** The schema of {@link AwsSettings}, field by field; the grammar is that of the program. */
export const awsSettings: { readonly [Name in keyof AwsSettings]-?: z.ZodType<AwsSettings[Name]> } = {
  region: z
    .string()
    .regex(/^[a-z]{2,8}(-[a-z0-9]{1,16}){1,4}$/, "is no AWS region, such as us-east-1")
    .optional()
    .describe("Region of the services; that of an ARN comes first. Left out: AWS_REGION of the container."),
  credentials: z
    .array(z.enum(["env", "web-identity", "pod-identity", "node"]))
    .min(1)
    .optional()
    .describe(
      "Where the pod's identity comes from; the first that the container has counts. `node` is the role of the machine. Left out: `env`, `web-identity`, `pod-identity`.",
    ),
  assumeRole: assumeRole.optional().describe("A role to assume with that identity."),
  endpoints: endpoints.optional().describe("Addresses in place of AWS' own, such as those of VPC endpoints."),
  caFile,
  allowHttp: z
    .boolean()
    .optional()
    .describe("Whether `endpoints` may be plain HTTP to another machine: everybody on the way reads the secrets then."),
};

/** Where {@link AwsSettings} have addresses, for `withPrivateWays`. */
export const AWS_SERVERS: readonly ServerPath[] = [
  ["endpoints", "secretsmanager"],
  ["endpoints", "sts"],
  ["endpoints", "kms"],
];
