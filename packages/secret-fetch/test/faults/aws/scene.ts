/** AWS Secrets Manager on the stage. */
import { onTestFinished } from "vitest";

import { STATIC, TEMPORARY, sendError, serveAws, type AwsServer } from "../../rig/aws-server.ts";
import { OTHER, VALUE, always, type Row, type Scene, type Stage } from "../stage.ts";

export const ROLE = "arn:aws:iam::123456789012:role/reader";
export const STATIC_ENV = { AWS_ACCESS_KEY_ID: STATIC.accessKeyId, AWS_SECRET_ACCESS_KEY: STATIC.secretAccessKey };

export interface AwsStage extends Stage {
  readonly store: AwsServer;
}

export const AWS: Scene<AwsStage> = {
  use: "aws-secretsmanager",
  other: { secretId: "other" },
  confidential: [STATIC.secretAccessKey, TEMPORARY.secretAccessKey],
  set: async (basis) => {
    const store = await serveAws();
    onTestFinished(() => store.close());
    store.secrets.set("db", { SecretString: VALUE });
    store.secrets.set("other", { SecretString: OTHER });
    const endpoints = { secretsmanager: store.url.href, sts: store.url.href };
    const stage: AwsStage = {
      ...basis,
      store,
      put: (value) => void store.secrets.set("db", { SecretString: value }),
      replaceStore: (url, settings = {}) => {
        const replaced = { ...endpoints, secretsmanager: url.toString() };
        stage.settings = { ...stage.settings, endpoints: replaced, ...settings };
      },
      env: STATIC_ENV,
      settings: { region: "us-east-1", endpoints },
      source: { secretId: "db" },
    };
    return stage;
  },
};

/** An error of AWS, for every call. */
export const error = (status: number, name: string, message?: string): Row["arrange"] =>
  always((response) => sendError(response, status, name, message));
