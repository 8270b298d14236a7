/** What other webhooks do between two calls: they add containers. */
import type { Container, Pod } from "@pod-secrets/core";
import { withVaultAgent } from "@pod-secrets/injector-testkit";
import fc from "fast-check";

/** Changes a pod, and names the containers that it added. */
export interface Joining {
  readonly join: (pod: Pod) => Pod;
  readonly names: readonly string[];
}

const ENV: readonly Container["env"][] = [
  undefined,
  [],
  [{ name: "MY_SECRET", value: "mine" }],
  [{ name: "FLYTE_SECRETS_FILE_PREFIX", value: "" }],
  [
    { name: "FLYTE_SECRETS_ENV_PREFIX", value: "OTHER_" },
    { name: "DB_PASSWORD", value: "x" },
  ],
];

/** One container somewhere, or the Vault Agent Injector's, or both. */
export function arbitraryJoining(): fc.Arbitrary<Joining> {
  return fc
    .record({
      env: fc.constantFrom(...ENV),
      list: fc.constantFrom("initContainers", "containers", undefined),
      isFirst: fc.boolean(),
      hasVault: fc.boolean(),
    })
    .map(({ env, list, isFirst, hasVault }) => ({
      names: [...(list === undefined ? [] : ["joined"]), ...(hasVault ? ["vault-agent", "vault-agent-init"] : [])],
      join(pod) {
        const container = { name: "joined", image: "example.com/joined:1", ...(env === undefined ? {} : { env }) };
        const before = list === undefined ? [] : (pod.spec?.[list] ?? []);
        const joined: Pod =
          list === undefined
            ? pod
            : {
                ...pod,
                spec: {
                  containers: [],
                  ...pod.spec,
                  [list]: isFirst ? [container, ...before] : [...before, container],
                },
              };
        return hasVault ? withVaultAgent(joined) : joined;
      },
    }));
}
