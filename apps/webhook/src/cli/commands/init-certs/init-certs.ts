/** `pod-secrets init-certs`: a certificate where the webhook looks for one, if there is none that can be served. */
import { resolve } from "node:path";
import { quoted } from "@pod-secrets/core";

import { ensureFiles } from "../../../certificates/init/ensure-files.ts";
import { ensureSecret, type Ensured } from "../../../certificates/init/ensure-secret.ts";
import { DAY } from "../../../certificates/lifetimes.ts";
import type { CertificatePolicy, Generation } from "../../../certificates/managed/generation.ts";
import { accessError, foreignSecret } from "../../../certificates/managed/secret-errors.ts";
import { certificateNames } from "../../../certificates/managed/managed-source.ts";
import { newSecret } from "../../../certificates/managed/secret-object.ts";
import { createSecretStore } from "../../../certificates/managed/secret-store.ts";
import { loadConfig } from "../../../config/load.ts";
import { formatProblem } from "../../../config/problems.ts";
import type { Config } from "../../../config/schema.ts";
import { AppError } from "../../../errors.ts";
import { KubernetesError } from "../../../kubernetes/kubernetes-client.ts";
import type { Invocation } from "../../command.ts";
import type { ExitCodeName } from "../../exit-codes.ts";
import { say, type Streams } from "../../streams.ts";
import { openCluster } from "../cluster-access.ts";
import { ownNamespace } from "../namespace-flag.ts";

/** Milliseconds in which an API server that cannot be reached may come back. */
const PATIENCE = 30_000;

/** @throws AppError when there is no certificate in the end */
export async function run(invocation: Invocation, streams: Streams): Promise<ExitCodeName> {
  const loaded = await loadConfig(invocation.value("config"));
  for (const warning of loaded.warnings) say(streams, formatProblem(warning));
  if (!loaded.ok) {
    for (const problem of loaded.problems) say(streams, formatProblem(problem));
    return "misuse";
  }
  const directory = invocation.value("directory");
  say(
    streams,
    directory === undefined
      ? await inSecret(loaded.config, invocation, streams)
      : await inFiles(loaded.config, directory, invocation),
  );
  return "done";
}

async function inFiles(config: Config, directory: string, invocation: Invocation): Promise<string> {
  if (invocation.isOn("kubeconfig"))
    throw new AppError("E_USAGE", "--directory asks no API server, and --kubeconfig names one", "Give one of them.");
  const policy = policyOf(config, ownNamespace(invocation, config));
  const isForced = invocation.isOn("force");
  return describe(quoted(directory, 200), await ensureFiles(resolve(directory), { policy, isForced, now: Date.now() }));
}

async function inSecret(config: Config, invocation: Invocation, streams: Streams): Promise<string> {
  const ending = new AbortController();
  try {
    const cluster = await openCluster(config, invocation, { streams, patience: PATIENCE, signal: ending.signal });
    const { client, namespace, tellOfWaiting } = cluster;
    const { secret } = wishOf(config);
    const ensured = await ensureSecret({
      store: createSecretStore(client, namespace, secret),
      template: newSecret(namespace, secret),
      layout: typeof config.server.certificates === "string" ? "plain" : "rotated",
      policy: policyOf(config, namespace),
      isForced: invocation.isOn("force"),
      clock: Date.now,
      patience: PATIENCE,
      onWaiting: tellOfWaiting,
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
      return `${where}: kept, ${about(ensured.generation)}`;
    case "made": {
      const { copies, why } = ensured;
      const kept = copies.length === 0 ? "" : `; what was there is kept as ${copies.join(", ")}`;
      return `${where}: made, ${about(ensured.generation)}: ${why}${kept}`;
    }
    case "staged":
      return `${where}: the next one is there, ${about(ensured.generation)}; running replicas take it up after server.certificates.overlapSeconds`;
    case "foreign":
      return `${where}: left alone, it is written by ${ensured.by}`;
  }
}

function about({ names, expires }: Generation): string {
  return `for ${names.join(", ")}, valid until ${new Date(expires).toISOString()}`;
}
