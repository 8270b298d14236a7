/** Files of the webhook's own that a directory of global secrets must not give away to pods. */
import { resolve } from "node:path";

import { isAtOrBelow } from "@pod-secrets/core";

import type { Problem } from "../config/problems.ts";
import type { Config } from "../config/schema.ts";
import { GLOBAL_INJECTOR } from "./built-in-injectors.ts";
import type { ReadyManager } from "./managers.ts";

/** Whatever lies in the directory can be asked for by whoever may create a pod. */
export function privateFileProblems(config: Config, managers: readonly ReadyManager[]): readonly Problem[] {
  const global = managers.find(({ plugin }) => plugin === GLOBAL_INJECTOR);
  if (global === undefined) return [];
  const { directory } = global.options as { readonly directory: string };
  const root = resolve(directory);
  const given = privateFiles(config).find(({ path }) => isAtOrBelow(resolve(config.baseDirectory, path), root));
  if (given === undefined) return [];
  return [
    {
      ...config.locate(["global", "directory"]),
      code: "E_CONFIG_VALUE",
      message: `option "global.directory" holds ${given.what}, so pods could ask for it`,
      fix: "Name a directory with nothing but secrets for pods, such as `/etc/secrets`.",
    },
  ];
}

interface PrivateFile {
  /** Absolute, or relative to the config. */
  readonly path: string;
  readonly what: string;
}

function privateFiles({ server, kubernetes }: Config): readonly PrivateFile[] {
  return [
    ...(typeof server.certificates === "string"
      ? [{ path: server.certificates, what: "the webhook's own certificate and its key" }]
      : []),
    ...(server.clientCa === undefined ? [] : [{ path: server.clientCa, what: "the file of `server.clientCa`" }]),
    ...(kubernetes.kubeconfig === undefined
      ? []
      : [{ path: kubernetes.kubeconfig, what: "the webhook's own credentials" }]),
  ];
}
