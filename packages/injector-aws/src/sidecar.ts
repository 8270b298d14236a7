/**
 * AWS Secrets Manager, by Flyte's sidecar: an init container per secret fetches the value with the pod's own
 * AWS identity into a memory volume. Same pods as Flyte v1.16.8 and v2.0 (`aws_secret_manager.go`).
 */
import {
  injected,
  literalEnvValue,
  missingGroup,
  missingKey,
  quoted,
  skipped,
  type Container,
  type Injection,
  type InjectorHost,
  type SecretInjector,
  type SecretRequest,
} from "@pod-secrets/core";
import { addPulledFile, rootWarnings, type Sidecar, type SidecarOptions } from "@pod-secrets/flyte-sidecar";

import { composeArn, isSecretArn } from "./arn.ts";
import { FLYTE_SIDECAR_IMAGE } from "./options.ts";

/**
 * The contract of Flyte's sidecar image (aws-samples/aws-secret-sidecar-injector): it gets SECRET_ARN, and writes the
 * value to /tmp + SECRET_FILENAME.
 */
const SIDECAR: Sidecar = {
  volume: "aws-secret-vol",
  namePrefix: "aws-pull-secret-",
  writeDirectory: "/tmp",
  hasEnvVar: true,
  pullOf(container) {
    const file = envValue(container, "SECRET_FILENAME");
    return file === undefined ? undefined : { secret: envValue(container, "SECRET_ARN") ?? "", file: `/tmp${file}` };
  },
};

/** Gives pods the secrets of AWS Secrets Manager, as Flyte does. */
export function createSidecarInjector(options: SidecarOptions, host: InjectorHost): SecretInjector {
  if (options.image === FLYTE_SIDECAR_IMAGE)
    host.log.warn(
      "the default image of the aws manager is no longer maintained, and lets a pod start when AWS refuses its secret",
      { image: options.image },
    );
  return {
    name: "aws",
    inject(pod, request, context) {
      const unfit = checkRequest(request);
      if (unfit !== undefined) return unfit;
      const { naming } = context;
      const arn = composeArn(request);
      const file = naming.filePath(request).slice(naming.mountRoot.length);
      // The kubelet would expand `$(NAME)` in a name that the user chose.
      const env = [
        { name: "SECRET_ARN", value: literalEnvValue(arn) },
        { name: "SECRET_FILENAME", value: literalEnvValue(file) },
      ];
      const edited = addPulledFile(pod, context, request, SIDECAR, { env }, options);
      return injected(edited, [...warnings(request, arn), ...rootWarnings(pod, options)]);
    },
  };
}

function checkRequest(request: SecretRequest): Injection | undefined {
  const missing = missingGroup(request) ?? missingKey(request);
  if (missing !== undefined || request.mountRequirement !== "ENV_VAR") return missing;
  const reason = "secrets of AWS Secrets Manager are files, not env vars";
  // What is no ARN is most likely another manager's, and would not be found here as a file either.
  return isSecretArn(composeArn(request))
    ? skipped(reason, "Ask for it as FILE or ANY; env_var then holds the path of the file.")
    : skipped(reason);
}

function envValue(container: Container, name: string): string | undefined {
  return container.env?.find((entry) => entry.name === name)?.value;
}

/** What is as Flyte does it, and still will not work as the user expects. */
function warnings(request: SecretRequest, arn: string): readonly string[] {
  const list: string[] = [];
  if (!isSecretArn(arn))
    list.push(`${quoted(arn, 160)} is no ARN of AWS Secrets Manager: the init container that fetches it will fail`);
  if (request.groupVersion !== "")
    list.push(`group_version ${quoted(request.groupVersion)} is ignored: the current version is fetched`);
  return list;
}
