/** Flyte's keys about certificates -> `server.certificates` and `initCerts:` of our format. */
import { quoted } from "@pod-secrets/core";

import { expandEnvVars, type Environment } from "./flyte-env-vars.ts";
import type { Draft, FlyteEntry } from "./flyte-draft.ts";

/** Keys of `webhook` that this reads, in lower case. `serviceName` is the registration's as well. */
export const CERTIFICATE_KEYS: ReadonlySet<string> = new Set(["certdir", "localcert", "secretname", "servicename"]);

/**
 * With `localCert`, Flyte's webhook makes its own certificate, another one in each replica and at each start. Here it
 * is one in the Secret, which they share.
 * @param entries keys of the section `webhook`
 */
export function convertCertificates(entries: readonly FlyteEntry[], draft: Draft, environment: Environment): void {
  const local = entries.find(({ name }) => name === "localcert");
  if (local !== undefined && typeof local.value !== "boolean")
    draft.problem(
      "E_CONFIG_TYPE",
      ["webhook", local.key],
      `key "webhook.${local.key}" must be true or false`,
      "Write true or false, without quotes.",
    );
  const isShared = local?.value === true;
  if (isShared) draft.set(["server", "certificates"], {}, ["webhook", local.key]);
  const target = isShared ? ["server", "certificates"] : ["initCerts"];
  for (const { key, name, value } of entries) {
    const from = ["webhook", key];
    if (name === "secretname") draft.set([...target, "secret"], value, from);
    else if (name === "servicename") draft.set([...target, "service"], value, from);
    else if (name === "certdir") convertCertDir(key, value, draft, { environment, isShared });
  }
}

interface CertDirContext {
  readonly environment: Environment;
  readonly isShared: boolean;
}

/** Flyte expands env vars since v1.10.6. */
function convertCertDir(key: string, value: unknown, draft: Draft, { environment, isShared }: CertDirContext): void {
  const from = ["webhook", key];
  if (isShared) {
    const message = `key ${quoted(`webhook.${key}`)} has no effect here with \`localCert\`: the certificate is in a Secret`;
    return draft.warning("W_CONFIG_UNUSED", from, message);
  }
  // A mapping there is of our own format: a certificate that the webhook makes.
  if (typeof value === "string")
    draft.set(["server", "certificates"], expandEnvVars(value, from, draft, environment), from);
  else
    draft.problem(
      "E_CONFIG_TYPE",
      from,
      `key ${quoted(`webhook.${key}`)} must be a text`,
      "Write the path of a directory.",
    );
}
