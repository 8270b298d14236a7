/**
 * Azure Key Vault, by Flyte's sidecar: an init container per secret fetches the value with the Azure CLI and the pod's
 * own identity. Same pods as Flyte v2.0 (`azure_secret_manager.go`).
 */
import {
  injected,
  lookedUpBy,
  missingGroup,
  quoted,
  skipped,
  type Injection,
  type SecretInjector,
  type SecretRequest,
} from "@pod-secrets/core";
import { addPulledFile, orderOf, rootWarnings, scriptSidecar, type SidecarOptions } from "@pod-secrets/flyte-sidecar";

import { isKeyVault, isPlainVersion, parseSecretName } from "./secret-name.ts";
import { noSecret, noVersion } from "./unfit.ts";

/** With the env vars of Azure's workload identity, which its webhook sets. */
const LOGIN =
  'az login --service-principal -u $AZURE_CLIENT_ID -t $AZURE_TENANT_ID --federated-token "$(cat $AZURE_FEDERATED_TOKEN_FILE)"; ';
const FILE_OF_SCRIPT = / > (\S+)$/;

const SIDECAR = scriptSidecar({ volume: "azure-secret-vol", namePrefix: "azure-pull-secret-" }, (script) =>
  script.startsWith(LOGIN) ? FILE_OF_SCRIPT.exec(script)?.[1] : undefined,
);

/** Gives pods the secrets of Azure Key Vault, as Flyte does. */
export function createSidecarInjector(options: SidecarOptions): SecretInjector {
  return {
    name: "azure",
    inject(pod, request, context) {
      const { group, groupVersion } = request;
      const missing = missingGroup(request);
      if (missing !== undefined) return missing;
      const { vault, name } = parseSecretName(group) ?? {};
      if (vault === undefined || name === undefined || !isKeyVault(vault)) return noSecret(request);
      const unfit = unfitForCli(request);
      if (unfit !== undefined) return unfit;
      const named = lookedUpBy(context, [name, groupVersion]);
      const file = named.naming.filePath(request);
      const order = orderOf(scriptFor(`${vault}/secrets/${name}`, groupVersion, file));
      const edited = addPulledFile(pod, named, request, SIDECAR, order, options);
      return injected(edited, [...warnings(request), ...rootWarnings(pod, options)]);
    },
  };
}

/** Flyte's script, byte by byte. A shell runs it, so the names in it have to be checked. */
function scriptFor(address: string, version: string, file: string): string {
  const folder = version === "" ? "" : `mkdir -p ${file.slice(0, file.lastIndexOf("/"))}; `;
  return `${LOGIN}${folder}az keyvault secret show --id "${address}/${version}" --query "value" -o tsv > ${file}`;
}

function unfitForCli(request: SecretRequest): Injection | undefined {
  const { groupVersion, mountRequirement } = request;
  if (mountRequirement === "ENV_VAR")
    return skipped(
      "secrets of Azure Key Vault are files, not env vars",
      "Ask for it as FILE or ANY; env_var then holds the path of the file.",
    );
  return groupVersion === "" || isPlainVersion(groupVersion) ? undefined : noVersion(request);
}

/** What is as Flyte does it, and still will not work as the user expects. */
function warnings({ key }: SecretRequest): readonly string[] {
  return key === "" ? [] : [`key ${quoted(key)} is ignored: the file holds the whole secret`];
}
