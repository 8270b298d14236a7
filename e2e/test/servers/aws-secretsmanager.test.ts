/** The fetcher's provider against moto, which checks signatures and policies: the table that its double is held to. */
import { describe } from "vitest";

import {
  describeSecretsManager,
  describeWebIdentity,
  type AwsRig,
} from "../../../packages/secret-fetch/test/providers/aws-contract.ts";
import { needing } from "../../cluster/src/index.ts";
import { pythonSupport, START_TIMEOUT, startMoto } from "../../servers/index.ts";

async function start(checksAuthorization: boolean): Promise<AwsRig> {
  const moto = await startMoto({ checksAuthorization });
  return {
    url: moto.url,
    region: moto.region,
    reader: await moto.createUser("reader", ["secretsmanager:GetSecretValue", "sts:AssumeRole"]),
    stranger: await moto.createUser("stranger", ["iam:GetUser"]),
    role: await moto.createRole("fetcher", ["secretsmanager:GetSecretValue"]),
    makeSecret: async (name, values) => {
      const [first, ...rest] = values.map((value) =>
        "text" in value ? { SecretString: value.text } : { SecretBinary: Buffer.from(value.bytes).toString("base64") },
      );
      const made = await moto.admin("secretsmanager", "CreateSecret", { Name: name, ...first });
      const versions = [String(made["VersionId"])];
      for (const value of rest) {
        const put = await moto.admin("secretsmanager", "PutSecretValue", { SecretId: name, ...value });
        versions.push(String(put["VersionId"]));
      }
      return { arn: String(made["ARN"]), versions };
    },
    deleteSecret: async (name) => {
      await moto.admin("secretsmanager", "DeleteSecret", { SecretId: name, RecoveryWindowInDays: 7 });
    },
    stop: () => moto.stop(),
  };
}

describe("the provider", needing(pythonSupport()), () => {
  describeSecretsManager("of AWS Secrets Manager", () => start(true), START_TIMEOUT);
  describeWebIdentity("of AWS Secrets Manager", () => start(false), START_TIMEOUT);
});
