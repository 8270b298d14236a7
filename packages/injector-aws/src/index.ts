/** AWS Secrets Manager: an init container fetches the value with the pod's own AWS identity. */
import { defineInjector, type InjectorPlugin } from "@pod-secrets/core";

import { createAwsInjector } from "./aws.ts";
import { awsOptions } from "./options.ts";

const plugin: InjectorPlugin<typeof awsOptions> = defineInjector({
  apiVersion: 1,
  name: "aws",
  meta: {
    summary: "AWS Secrets Manager, fetched by an init container with the pod's own AWS identity.",
    group: "start of the ARN, such as arn:aws:secretsmanager:us-east-2:123456789012:secret",
    key: "end of the ARN: name of the secret",
    mounts: ["FILE", "ENV_VAR"],
    stability: "stable",
  },
  options: awsOptions,
  create: createAwsInjector,
});

export default plugin;
export { awsOptions, type AwsOptions } from "./options.ts";
export { createAwsInjector } from "./aws.ts";
