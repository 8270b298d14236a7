/** How an item names a secret of AWS Secrets Manager. */
import * as z from "zod/mini";

import { regionOfArn } from "../../aws/region-name.ts";
import { textField, type JsonObject } from "../../json-object.ts";
import { lineOfText } from "../../settings.ts";

export interface AwsSecretSource {
  /** ARN, also without the six random characters at its end, or name. */
  readonly secretId: string;
  /** Id of a version. */
  readonly versionId?: string | undefined;
  /** Label of a version; `AWSCURRENT` when both are left out. */
  readonly versionStage?: string | undefined;
  /** Key of a JSON object; the whole secret when left out. */
  readonly jsonKey?: string | undefined;
}

// AWS Secrets Manager API Reference, CreateSecret and GetSecretValue; the names are at most 512 characters.
const NAME = "[A-Za-z0-9/_+=.@-]{1,512}";
const SECRET_NAME = new RegExp(`^${NAME}$`);
const SECRET_ARN = new RegExp(`^arn:aws[a-z0-9-]{0,30}:secretsmanager:[a-z0-9-]{1,64}:[0-9]{12}:secret:${NAME}$`);

function isSecretId(text: string): boolean {
  return SECRET_NAME.test(text) || (SECRET_ARN.test(text) && regionOfArn(text) !== undefined);
}

/** "What's in a Secrets Manager secret?": a hyphen and six random characters end an ARN. */
const RANDOM_END = /-[A-Za-z0-9]{6}$/;

/**
 * Whether an answer is of the secret that was asked for: each of AWS has the whole ARN and the name.
 * @param secretId that was asked for
 */
export function isOfSecret(answer: JsonObject, secretId: string): boolean {
  if (!secretId.startsWith("arn:")) return textField(answer, "Name") === secretId;
  const arn = textField(answer, "ARN");
  return arn === secretId || arn?.replace(RANDOM_END, "") === secretId;
}

export const awsSecretSource: z.ZodMiniType<AwsSecretSource> = z.strictObject({
  secretId: z
    .string()
    .check(z.maxLength(2048), z.refine(isSecretId, "is neither a name nor an ARN of AWS Secrets Manager")),
  versionId: z.optional(z.string().check(z.regex(/^[A-Za-z0-9._-]{32,64}$/, "is no id of a version"))),
  versionStage: z.optional(z.string().check(z.regex(/^[A-Za-z0-9/_+=.@-]{1,256}$/, "is no label of a version"))),
  jsonKey: z.optional(lineOfText(1024)),
});
