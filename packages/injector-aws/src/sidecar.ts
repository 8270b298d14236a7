/**
 * AWS Secrets Manager, by Flyte's sidecar: an init container per secret fetches the value with the pod's own
 * AWS identity into a memory volume. Same pods as Flyte v1.16.8 and v2.0 (`aws_secret_manager.go`).
 */
import {
  addFileLookup,
  addInitContainer,
  addMount,
  addVolume,
  injected,
  quoted,
  type Injection,
  type InjectorHost,
  type Pod,
  type SecretInjector,
  type SecretRequest,
} from "@pod-secrets/core";

import { composeArn, isSecretArn } from "./arn.ts";
import { missingPart, noEnvVar } from "./unfit.ts";
import { FLYTE_SIDECAR_IMAGE, type SidecarOptions } from "./options.ts";
import { VOLUME_NAME, createPuller, findPuller, keepPullers } from "./puller.ts";

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
      const pull = { arn: composeArn(request), file: naming.filePath(request).slice(naming.mountRoot.length) };
      const withVolume = addVolume(pod, { name: VOLUME_NAME, emptyDir: { medium: "Memory" } });
      const withPuller =
        findPuller(pod, pull) === undefined
          ? addInitContainer(withVolume, createPuller(pod, pull, options), options.position)
          : withVolume;
      // The pullers mount the volume already, writable: they keep that mount.
      const mount = { name: VOLUME_NAME, readOnly: true, mountPath: naming.mountRoot };
      const edited = addFileLookup(addMount(withPuller, context, mount), context, request);
      return injected(keepPullers(pod, edited), warnings(pod, request, pull.arn, options));
    },
  };
}

function checkRequest(request: SecretRequest): Injection | undefined {
  const missing = missingPart(request);
  if (missing !== undefined || request.mountRequirement !== "ENV_VAR") return missing;
  return noEnvVar(isSecretArn(composeArn(request)));
}

/** What is as Flyte does it, and still will not work as the user expects. */
function warnings(pod: Pod, request: SecretRequest, arn: string, options: SidecarOptions): readonly string[] {
  const list: string[] = [];
  if (!isSecretArn(arn))
    list.push(`${quoted(arn, 160)} is no ARN of AWS Secrets Manager: the init container that fetches it will fail`);
  if (request.groupVersion !== "")
    list.push(`group_version ${quoted(request.groupVersion)} is ignored: the current version is fetched`);
  if (mustNotBeRoot(pod, options))
    list.push("the pod must not run as root, and the init container that fetches its secrets does unless configured");
  return list;
}

/** Flyte's image names no user; the kubelet then refuses it in a pod with `runAsNonRoot`. */
function mustNotBeRoot(pod: Pod, { securityContext }: SidecarOptions): boolean {
  const ofPod = pod.spec?.securityContext;
  const user = securityContext?.runAsUser ?? ofPod?.runAsUser ?? 0;
  return (securityContext?.runAsNonRoot ?? ofPod?.runAsNonRoot ?? false) && user === 0;
}
