/**
 * Secret Manager of Google Cloud, by Flyte's sidecar: an init container per secret fetches the value with gcloud and the
 * pod's own identity. Same pods as Flyte v1.16.8 and v2.0 (`gcp_secret_manager.go`).
 */
import {
  injected,
  lookedUpBy,
  quoted,
  skipped,
  type Injection,
  type SecretInjector,
  type SecretRequest,
} from "@pod-secrets/core";
import { addPulledFile, orderOf, rootWarnings, scriptSidecar, type SidecarOptions } from "@pod-secrets/flyte-sidecar";

import { isRegional } from "./secret-name.ts";
import { isMeant, unfitNames } from "./unfit.ts";

const FILE_OF_SCRIPT = /^gcloud secrets versions access \S+ --out-file=(\S+) \|\| /;

const SIDECAR = scriptSidecar(
  { volume: "gcp-secret-vol", namePrefix: "gcp-pull-secret-" },
  (script) => FILE_OF_SCRIPT.exec(script)?.[1],
);

/** Gives pods the secrets of Google Cloud, as Flyte does. */
export function createSidecarInjector(options: SidecarOptions): SecretInjector {
  return {
    name: "gcp",
    inject(pod, request, context) {
      const unfit = unfitNames(request) ?? unfitForGcloud(request);
      if (unfit !== undefined) return unfit;
      const named = lookedUpBy(context, [request.group, request.groupVersion]);
      const order = orderOf(scriptFor(request, named.naming.filePath(request)));
      const edited = addPulledFile(pod, named, request, SIDECAR, order, options);
      return injected(edited, [...warnings(request), ...rootWarnings(pod, options)]);
    },
  };
}

/**
 * Flyte's script, byte by byte: by the full name, and if that fails by the name in the pod's own project. A shell runs
 * it, so the names in it have to be checked.
 */
function scriptFor({ group, groupVersion }: SecretRequest, file: string): string {
  const directory = file.slice(0, file.lastIndexOf("/"));
  const access = "gcloud secrets versions access";
  return (
    `${access} ${group}/versions/${groupVersion} --out-file=${file} || ` +
    `${access} ${groupVersion} --secret=${group} --out-file=${file}; chmod +rX ${directory} ${file}`
  );
}

function unfitForGcloud(request: SecretRequest): Injection | undefined {
  const { group, groupVersion, mountRequirement } = request;
  const fix = (text: string): string | undefined => (isMeant(request) ? text : undefined);
  if (mountRequirement === "ENV_VAR")
    return skipped(
      "secrets of Google Cloud are files, not env vars",
      fix("Ask for it as FILE or ANY; env_var then holds the path of the file."),
    );
  if (groupVersion === "")
    return skipped("group_version is missing", fix("Set group_version to a version, such as `latest`."));
  if (isRegional(group))
    return skipped(
      `${quoted(group, 160)} is a regional secret, which Flyte's sidecar does not find`,
      "Configure the manager gcp with mode: fetch.",
    );
  // gcloud would take it for an option.
  return group.startsWith("-") ? skipped(`${quoted(group)} begins with a hyphen`) : undefined;
}

/** What is as Flyte does it, and still will not work as the user expects. */
function warnings({ key }: SecretRequest): readonly string[] {
  return key === "" ? [] : [`key ${quoted(key)} is ignored: the file holds the whole secret`];
}
