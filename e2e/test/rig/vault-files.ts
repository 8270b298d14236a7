/** From requests to files, by a real Vault: our webhook, HashiCorp's webhook, the agent. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";

import type { RequestFields } from "../../../packages/injector-testkit/src/index.ts";
import { runAgent, type AgentRun } from "../../servers/vault/agent.ts";
import { BUILD_PATIENCE, vaultPrograms, type VaultPrograms } from "../../servers/vault/build.ts";
import { withRealVaultAgent } from "../../servers/vault/injector.ts";
import { startVault, type VaultServer } from "../../servers/vault/server.ts";
import { admittedPod, fileFor, vaultAdmission, type Admit } from "./vault-pods.ts";

/** Where an engine is mounted, and how its secrets are written and asked for. */
export interface KeyValueEngine {
  readonly groupVersion: "kv1" | "kv2";
  readonly prefix: string;
  readonly body: (data: object) => object;
}

export const KV1: KeyValueEngine = { groupVersion: "kv1", prefix: "kv", body: (data) => data };
export const KV2: KeyValueEngine = { groupVersion: "kv2", prefix: "secret/data", body: (data) => ({ data }) };

/** The files of a pod, once its agent has ended. */
export interface PodFiles extends AgentRun {
  /** Where the file of a secret would stand on this machine. */
  readonly file: (request: RequestFields) => string;
}

export interface RenderOptions {
  /** Words of the agent's log at which it is ended. */
  readonly endAt?: RegExp;
  /** Managers with options. */
  readonly admit?: Admit;
}

export interface VaultRig {
  readonly programs: VaultPrograms;
  readonly vault: VaultServer;
  readonly admit: Admit;
  /** Writes a secret into an engine. @param path below its mount */
  write(engine: KeyValueEngine, path: string, entries: Iterable<readonly [key: string, value: unknown]>): Promise<void>;
  /** What a pod with these secrets gets. */
  render(requests: readonly RequestFields[], options?: RenderOptions): Promise<PodFiles>;
}

/** Starts a Vault for the tests of a file. */
export function vaultRig(): () => VaultRig {
  let folder: string;
  let rig: VaultRig | undefined;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "pod-secrets-vault-"));
    const programs = await vaultPrograms();
    const vault = await startVault(programs, { folder });
    rig = createRig(programs, vault, await vaultAdmission());
    await vault.call("POST", `sys/mounts/${KV1.prefix}`, { type: "kv", options: { version: "1" } });
  }, BUILD_PATIENCE);
  afterAll(async () => {
    await rig?.vault[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });
  return () => {
    if (rig === undefined) throw new Error("it is not started yet");
    return rig;
  };
}

function createRig(programs: VaultPrograms, vault: VaultServer, admit: Admit): VaultRig {
  return {
    programs,
    vault,
    admit,
    write: async ({ prefix, body }, path, entries) => {
      await vault.call("POST", `${prefix}/${path}`, body(Object.fromEntries(entries)));
    },
    render: async (requests, { endAt, admit: admitOtherwise = admit } = {}) => {
      const pod = await withRealVaultAgent(programs, await admittedPod(admitOtherwise, ...requests), vault.url);
      const run = await runAgent(programs, { pod, token: vault.rootToken, ...(endAt === undefined ? {} : { endAt }) });
      return { ...run, file: (request) => run.onThisMachine(fileFor(pod, request)) };
    },
  };
}
