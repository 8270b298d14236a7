import {
  addFileLookup,
  addMount,
  addVolume,
  injected,
  isDnsSubdomain,
  quoted,
  refused,
  skipped,
  stableId,
  type Injection,
  type InjectionContext,
  type Pod,
  type SecretInjector,
  type SecretRequest,
  type Volume,
} from "@pod-secrets/core";

import type { CsiOptions } from "./options.ts";

/** An injector for one set of options. It keeps no state, so every replica of the webhook gives the same answer. */
export function createCsiInjector(options: CsiOptions): SecretInjector {
  return { name: "csi", inject: (pod, request, context) => inject(pod, request, context, options) };
}

function inject(pod: Pod, request: SecretRequest, context: InjectionContext, options: CsiOptions): Injection {
  const group = context.naming.group(request);
  if (request.mountRequirement === "ENV_VAR")
    return skipped("the CSI driver gives files only", "Ask for the secret as FILE or ANY.");
  // Not ours, or not here: the next manager may have it.
  if (!isDnsSubdomain(group)) return skipped(`group ${quoted(group)} cannot be the name of a SecretProviderClass`);
  if (options.classes?.includes(group) === false)
    return skipped(`SecretProviderClass ${quoted(group)} is not among the configured classes`);
  if (request.key === "") return skipped("the key is missing, and it names the file");
  // Ours, and wrong: no other manager is asked.
  if (request.groupVersion !== "") {
    const message = `SecretProviderClass ${quoted(group)} has no version ${quoted(request.groupVersion)}`;
    return refused("csi/no-versions", message, "Leave the version out, and set objectVersion in the class.");
  }
  // A key that leads out of the volume is no file in it. This throws a SecretError, which is a refusal too.
  context.naming.filePath(request);
  const volume = volumeOf(group, options);
  const mount = { name: volume.name, readOnly: true, mountPath: context.naming.directory(request) };
  return injected(addFileLookup(addMount(addVolume(pod, volume), context, mount), context, request));
}

/** One volume per class. The name is a hash: a class may have a longer name than a volume, and dots in it. */
function volumeOf(secretProviderClass: string, { driver, nodePublishSecret }: CsiOptions): Volume {
  return {
    name: `csi-${stableId("csi", secretProviderClass)}`,
    csi: {
      driver,
      readOnly: true,
      volumeAttributes: { secretProviderClass },
      ...(nodePublishSecret === undefined ? {} : { nodePublishSecretRef: { name: nodePublishSecret } }),
    },
  };
}
