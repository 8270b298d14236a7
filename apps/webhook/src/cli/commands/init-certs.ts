/** `pod-secrets init-certs`: a certificate where the webhook looks for one, if there is none that can be served. */
import { resolve } from "node:path";

import { ensureFiles } from "../../certificates/init/ensure-files.ts";
import { ensureSecret, type Ensured } from "../../certificates/init/ensure-secret.ts";
import { DAY } from "../../certificates/lifetimes.ts";
import type { CertificatePolicy } from "../../certificates/managed/generation.ts";
import { accessError, foreignSecret } from "../../certificates/managed/secret-errors.ts";
import { certificateNames } from "../../certificates/managed/managed-source.ts";
import { newSecret } from "../../certificates/managed/secret-object.ts";
import { createSecretStore } from "../../certificates/managed/secret-store.ts";
import { loadConfig } from "../../config/load.ts";
import { formatProblem } from "../../config/problems.ts";
import type { Config } from "../../config/schema.ts";
import { KubernetesError } from "../../kubernetes/kubernetes-client.ts";
import { sharedConnection } from "../../kubernetes/shared-connection.ts";
import type { Invocation } from "../command.ts";
import type { ExitCodeName } from "../exit-codes.ts";
import { say, type Streams } from "../streams.ts";

/** Milliseconds in which an API server that cannot be reached may come back. */
const PATIENCE = 30_000;
/** Flyte's, where nothing names another one. */
const NAMESPACE = "flyte";

/** @throws AppError when there is no certificate in the end */
export async function run(invocation: Invocation, streams: Streams): Promise<ExitCodeName> {
  const loaded = await loadConfig(invocation.value("config"));
  for (const warning of loaded.warnings) say(streams, formatProblem(warning));
  if (!loaded.ok) {
    for (const problem of loaded.problems) say(streams, formatProblem(problem));
    return "misuse";
  }
  const directory = invocation.value("directory");
  const isForced = invocation.isOn("force");
  say(
    streams,
    directory === undefined
      ? await inSecret(loaded.config, isForced)
      : await inFiles(loaded.config, directory, isForced),
  );
  return "done";
}

async function inFiles(config: Config, directory: string, isForced: boolean): Promise<string> {
  const namespace = config.kubernetes.namespace ?? process.env["POD_NAMESPACE"] ?? NAMESPACE;
  const policy = policyOf(config, namespace);
  return describe(directory, await ensureFiles(resolve(directory), { policy, isForced, now: Date.now() }));
}

async function inSecret(config: Config, isForced: boolean): Promise<string> {
  const ending = new AbortController();
  try {
    const { client, namespace } = await sharedConnection(config, ending.signal)();
    const { secret } = wishOf(config);
    const ensured = await ensureSecret({
      store: createSecretStore(client, namespace, secret),
      template: newSecret(namespace, secret),
      layout: typeof config.server.certificates === "string" ? "plain" : "rotated",
      policy: policyOf(config, namespace),
      isForced,
      clock: Date.now,
      patience: PATIENCE,
    }).catch((error: unknown) => {
      throw error instanceof KubernetesError ? accessError({ namespace, secret }, error) : error;
    });
    if (ensured.outcome === "foreign") throw foreignSecret({ namespace, secret }, ensured.by);
    return describe(`Secret ${namespace}/${secret}`, ensured);
  } finally {
    ending.abort();
  }
}

function wishOf({ server, initCerts }: Config): Config["initCerts"] {
  return typeof server.certificates === "string" ? initCerts : server.certificates;
}

function policyOf(config: Config, namespace: string): CertificatePolicy {
  const wish = wishOf(config);
  return { names: certificateNames(wish, namespace, config.registration), lifetime: wish.days * DAY };
}

function describe(where: string, ensured: Ensured): string {
  switch (ensured.outcome) {
    case "kept":
      return `${where}: kept, valid until ${until(ensured.generation)}`;
    case "made":
      return `${where}: made, valid until ${until(ensured.generation)}: ${ensured.why}`;
    case "staged":
      return `${where}: the next one is there, valid until ${until(ensured.generation)}; running replicas take it up after server.certificates.overlapSeconds`;
    case "foreign":
      return `${where}: left alone, it is written by ${ensured.by}`;
  }
}

function until({ expires }: { readonly expires: number }): string {
  return new Date(expires).toISOString();
}
