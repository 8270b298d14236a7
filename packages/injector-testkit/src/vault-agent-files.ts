import type { Pod } from "@pod-secrets/core";

const PREFIX = "vault.hashicorp.com/";

/**
 * Paths of the files that the Vault Agent Injector will bring, by the annotations of a pod: for `files` of the suite.
 * Source: vault-k8s 1.7.6, `agent-inject/agent/annotations.go`. Only files whose names are annotations, too.
 */
export function vaultAgentFiles({ metadata }: Pod): readonly string[] {
  const annotations = metadata?.annotations ?? {};
  const directory = annotations[`${PREFIX}secret-volume-path`] ?? "/vault/secrets";
  return Object.entries(annotations).flatMap(([name, file]) =>
    name.startsWith(`${PREFIX}agent-inject-file-`) ? [`${directory}/${file}`] : [],
  );
}
