/** How pods log in to Vault: with the token of their service account, which Vault checks by the API server's keys. */
import { createPublicKey, type JsonWebKey } from "node:crypto";

import type { ControlPlane } from "../../cluster/src/index.ts";
import type { VaultServer } from "./server.ts";

export interface Login {
  /** Vault role. */
  readonly role: string;
  readonly namespace: string;
  /** Paths that it may read. */
  readonly paths: readonly string[];
}

/** Annotations of the Vault Agent Injector for this login; by default it takes Vault's own login for Kubernetes. */
export const LOGIN_ANNOTATIONS: Readonly<Record<string, string>> = {
  "vault.hashicorp.com/auth-type": "jwt",
  "vault.hashicorp.com/auth-path": "auth/jwt",
  "vault.hashicorp.com/auth-config-path": "/var/run/secrets/kubernetes.io/serviceaccount/token",
  "vault.hashicorp.com/auth-config-remove_jwt_after_reading": "false",
  // By default a wrong role is tried for ever.
  "vault.hashicorp.com/agent-auto-auth-exit-on-err": "true",
};

/** Lets pods of a namespace, with its service account `default`, log in. */
export async function allowLogin(vault: VaultServer, { kubectl }: ControlPlane, login: Login): Promise<void> {
  const { role, namespace, paths } = login;
  const { stdout } = await kubectl(["get", "--raw", "/openid/v1/jwks"]);
  const { keys } = JSON.parse(stdout) as { readonly keys: readonly JsonWebKey[] };
  const pem = keys.map((key) => createPublicKey({ key, format: "jwk" }).export({ type: "spki", format: "pem" }));
  await vault.call("POST", "sys/auth/jwt", { type: "jwt" });
  await vault.call("POST", "auth/jwt/config", { jwt_validation_pubkeys: pem });
  const policy = paths.map((path) => `path ${JSON.stringify(path)} { capabilities = ["read"] }`).join("\n");
  await vault.call("POST", `sys/policies/acl/${role}`, { policy });
  await vault.call("POST", `auth/jwt/role/${role}`, {
    role_type: "jwt",
    user_claim: "sub",
    bound_audiences: ["https://kubernetes.default.svc"],
    bound_subject: `system:serviceaccount:${namespace}:default`,
    token_policies: [role],
  });
}
