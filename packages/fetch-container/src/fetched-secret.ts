/** A secret that the pod's containers fetch, as a file or as an env var, where the task looks for it. */
import {
  SecretError,
  addEnv,
  addFileLookup,
  addMount,
  envPrefixVar,
  injected,
  quoted,
  skipped,
  type EnvVar,
  type Injection,
  type InjectionContext,
  type Pod,
  type SecretRequest,
} from "@pod-secrets/core";
import { volumePathFault } from "@pod-secrets/secret-fetch/request";

import { FETCHER } from "./container.ts";
import { editFetchers, editLaterContainers } from "./containers.ts";
import type { FetcherOptions } from "./options.ts";
import { ENV_KEY, addEnvFile, addFile, envFileOf, type FetchedSecret } from "./request-parts.ts";

/**
 * Lets the pod have a secret, as a file or as an env var, as the request wants it. All secrets of a pod that come so
 * share one init container, which is that of the first; a secret that it fetches already changes nothing.
 * @returns skipped for an env var where the options give none
 * @throws SecretError `E_PATH_UNSAFE`, `E_FILE_COLLISION`, `E_MOUNT_CONFLICT` beside files of another kind of manager,
 * `E_CONTAINER_CONFLICT`, `E_VOLUME_CONFLICT`, `E_POD_INVALID`, and as `addFileLookup` and `addEnv`
 */
export function injectFetched(
  pod: Pod,
  context: InjectionContext,
  request: SecretRequest,
  secret: FetchedSecret,
  options: FetcherOptions,
): Injection {
  const wish = { context, request, secret, options };
  if (request.mountRequirement !== "ENV_VAR") return injected(addFetchedFile(pod, wish));
  if (options.envVars === "fileKeyRef") return injected(addFetchedEnvVar(pod, wish));
  return skipped(
    "secrets that an init container fetches are files here, not env vars",
    "Ask for it as FILE or ANY; env_var then holds the path of the file.",
  );
}

/** A secret that a pod is to have, and how. */
interface Wish {
  readonly context: InjectionContext;
  readonly request: SecretRequest;
  readonly secret: FetchedSecret;
  readonly options: FetcherOptions;
}

/**
 * The file has mode 0444, since it has to be readable by whatever user each container runs as, with fsGroup or without;
 * the volume is memory of this pod alone, and the task's containers have it read-only.
 */
function addFetchedFile(pod: Pod, { context, request, secret, options }: Wish): Pod {
  const { mountRoot } = context.naming;
  const path = context.naming.filePath(request).slice(mountRoot.length + 1);
  const fault = volumePathFault(path);
  if (fault !== undefined)
    throw new SecretError("E_PATH_UNSAFE", `${quoted(path, 160)} cannot be a path of a file: it ${fault}`);
  const asked = editFetchers(pod, options, (container) => addFile(container, secret, path));
  const mount = { name: FETCHER, readOnly: true, mountPath: mountRoot };
  return addFileLookup(addMount(asked, context, mount), context, request);
}

/**
 * The kubelet reads the value when it starts a container. One that starts before the file is there would never start, such
 * as an init container that another webhook puts before ours.
 */
function addFetchedEnvVar(pod: Pod, { context, request, secret, options }: Wish): Pod {
  const asked = editFetchers(pod, options, (container) => addEnvFile(container, secret));
  const valueFrom = { fileKeyRef: { volumeName: FETCHER, path: envFileOf(secret), key: ENV_KEY } };
  const vars: EnvVar[] = [{ name: context.naming.envName(request), valueFrom }];
  if (request.envVar !== "") vars.push({ name: request.envVar, valueFrom });
  return editLaterContainers(asked, (later) => addEnv(later, context, [...vars, envPrefixVar(context)]));
}
