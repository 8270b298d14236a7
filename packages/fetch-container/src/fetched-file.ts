/** A secret as a file that the init container brings, where the task looks for it. */
import {
  SecretError,
  addFileLookup,
  addMount,
  quoted,
  type Container,
  type InjectionContext,
  type Pod,
  type SecretRequest,
} from "@pod-secrets/core";
import { volumePathFault } from "@pod-secrets/secret-fetch/request";

import { FETCHER, addFetcher, isFetcher } from "./container.ts";
import type { FetcherOptions } from "./options.ts";
import { addFile, type FetchedSecret } from "./request-parts.ts";

/**
 * Lets the pod have a secret as a file. All secrets of a pod that come so share one init container, which is that of the
 * first; a secret that it fetches already changes nothing.
 *
 * The file has mode 0444, since it has to be readable by whatever user each container runs as, with fsGroup or without;
 * the volume is memory of this pod alone, and the task's containers have it read-only.
 * @throws SecretError `E_PATH_UNSAFE`, `E_FILE_COLLISION`, `E_MOUNT_CONFLICT` beside files of another kind of manager,
 * `E_CONTAINER_CONFLICT`, `E_VOLUME_CONFLICT`, `E_POD_INVALID`, and as `addFileLookup`
 */
export function addFetchedFile(
  pod: Pod,
  context: InjectionContext,
  request: SecretRequest,
  secret: FetchedSecret,
  options: FetcherOptions,
): Pod {
  const { mountRoot } = context.naming;
  const path = context.naming.filePath(request).slice(mountRoot.length + 1);
  const fault = volumePathFault(path);
  if (fault !== undefined)
    throw new SecretError("E_PATH_UNSAFE", `${quoted(path, 160)} cannot be a path of a file: it ${fault}`);
  const asked = editFetcher(addFetcher(pod, options), (container) => addFile(container, { secret, path }));
  const mount = { name: FETCHER, readOnly: true, mountPath: mountRoot };
  return editOthers(asked, (others) => addFileLookup(addMount(others, context, mount), context, request));
}

function editFetcher(pod: Pod, edit: (container: Container) => Container): Pod {
  const { spec } = pod;
  const initContainers = spec?.initContainers ?? [];
  const at = initContainers.findIndex(isFetcher);
  const container = initContainers[at];
  if (!spec || container === undefined) return pod;
  const edited = edit(container);
  return edited === container ? pod : { ...pod, spec: { ...spec, initContainers: initContainers.with(at, edited) } };
}

/**
 * Edits the pod as if the container were not in it: what tells a task where its secrets are does not concern it, and an
 * `env_var` such as AWS_ROLE_ARN would tell it to be somebody else.
 */
function editOthers(pod: Pod, edit: (pod: Pod) => Pod): Pod {
  const { spec } = pod;
  const all = spec?.initContainers ?? [];
  const at = all.findIndex(isFetcher);
  const fetcher = all[at];
  if (!spec || fetcher === undefined) return edit(pod);
  const others = all.toSpliced(at, 1);
  const without = { ...pod, spec: { ...spec, initContainers: others } };
  const edited = edit(without);
  if (edited === without || !edited.spec) return pod;
  const now = edited.spec.initContainers ?? [];
  const initContainers = now === others ? all : now.toSpliced(at, 0, fetcher);
  return { ...edited, spec: { ...edited.spec, initContainers } };
}
