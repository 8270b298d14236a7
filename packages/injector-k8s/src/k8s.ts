/**
 * Kubernetes Secrets. The pod refers to them, and the kubelet brings the values: the webhook never sees one.
 * Same pods as Flyte v1.16.8 and v2.0 (`k8s_secrets.go`), where those are valid.
 */
import {
  addEnv,
  addFileLookup,
  addMount,
  addSecretItem,
  envPrefixVar,
  injected,
  isConfigKey,
  isDnsSubdomain,
  missingGroup,
  missingKey,
  quoted,
  skipped,
  type EnvVar,
  type Injection,
  type InjectionContext,
  type Pod,
  type SecretInjector,
  type SecretRequest,
} from "@pod-secrets/core";

import type { K8sOptions } from "./options.ts";

/** Gives pods the Kubernetes Secrets of their own namespace. */
export function createK8sInjector(options: K8sOptions): SecretInjector {
  const optional = options.missing === "start";
  return {
    name: "k8s",
    inject(pod, request, context) {
      const group = context.naming.group(request);
      const unfit = checkNames({ group, key: request.key });
      if (unfit !== undefined) return unfit;
      const edited =
        request.mountRequirement === "ENV_VAR"
          ? injectEnvVar(pod, request, context, optional)
          : injectFile(pod, request, context, optional);
      return injected(edited, optional ? undefined : [holdWarning(group, request.key, context)]);
    },
  };
}

function injectFile(pod: Pod, request: SecretRequest, context: InjectionContext, optional: boolean): Pod {
  const { naming } = context;
  const item = {
    secretName: naming.group(request),
    groupVersion: request.groupVersion,
    key: request.key,
    path: naming.fileName(request),
    optional,
  };
  const { pod: withVolume, volumeName } = addSecretItem(pod, item);
  const mount = { name: volumeName, readOnly: true, mountPath: naming.directory(request) };
  return addFileLookup(addMount(withVolume, context, mount), context, request);
}

function injectEnvVar(pod: Pod, request: SecretRequest, context: InjectionContext, optional: boolean): Pod {
  const { naming } = context;
  const valueFrom = { secretKeyRef: { name: naming.group(request), key: request.key, optional } };
  const vars: EnvVar[] = [{ name: naming.envName(request), valueFrom }];
  if (request.envVar !== "") vars.push({ name: request.envVar, valueFrom });
  return addEnv(pod, context, [...vars, envPrefixVar(context)]);
}

/** A name that no Secret or key can have: the API server would refuse the pod. */
function checkNames({ group, key }: Pick<SecretRequest, "group" | "key">): Injection | undefined {
  const noGroup = missingGroup({ group });
  if (noGroup !== undefined) return noGroup;
  // Before the key: what is meant for another manager may need none.
  if (!isDnsSubdomain(group)) return skipped(`no Secret can have the name ${quoted(group)}`, nameFix(group));
  const noKey = missingKey({ key });
  if (noKey !== undefined) return noKey;
  if (!isConfigKey(key))
    return skipped(
      `no Secret can have the key ${quoted(key)}`,
      "Set key to a key of the Secret: letters, digits, `-`, `_` and `.`.",
    );
  return undefined;
}

/** A path or an ARN is meant for another manager, so there is nothing to correct here. */
function nameFix(group: string): string | undefined {
  if (group.includes("/") || group.includes(":")) return undefined;
  return "Set group to the name of a Secret in the pod's namespace: lower-case letters, digits, `-` and `.`.";
}

function holdWarning(group: string, key: string, { namespace }: InjectionContext): string {
  return `the pod starts only when Secret ${quoted(group)} of namespace ${quoted(namespace)} has key ${quoted(key)}`;
}
