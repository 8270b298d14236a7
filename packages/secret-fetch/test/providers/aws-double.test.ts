/** The double of AWS, held to the table that moto is held to in `e2e`. */
import { randomUUID } from "node:crypto";

import { STATIC, STRANGER, serveAws } from "../rig/aws-server.ts";
import { describeSecretsManager, describeWebIdentity, type AwsRig } from "./aws-contract.ts";

async function start(): Promise<AwsRig> {
  const server = await serveAws();
  return {
    url: server.url.href,
    region: "us-east-1",
    reader: STATIC,
    stranger: STRANGER,
    role: "arn:aws:iam::123456789012:role/reader",
    makeSecret: async (name, values) => {
      const partial = `arn:aws:secretsmanager:us-east-1:123456789012:secret:${name}`;
      const arn = `${partial}-a1B2c3`;
      const versions = values.map((value, index) => ({
        VersionId: randomUUID(),
        VersionStages: [["AWSCURRENT", "AWSPREVIOUS"][values.length - 1 - index] ?? "OLD"],
        ...("text" in value
          ? { SecretString: value.text }
          : { SecretBinary: Buffer.from(value.bytes).toString("base64") }),
      }));
      for (const id of [name, arn, partial]) server.secrets.set(id, { versions });
      return { arn, versions: versions.map(({ VersionId }) => VersionId) };
    },
    deleteSecret: async (name) => void server.secrets.set(name, { deleted: true }),
    stop: () => server.close(),
  };
}

describeSecretsManager("the double", start, 10_000);
describeWebIdentity("the double", start, 10_000);
