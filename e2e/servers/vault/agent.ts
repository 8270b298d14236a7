/** The real Vault agent of a pod's init container, on this machine: what would stand in the pod's files. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { Pod } from "../../../packages/core/src/index.ts";
import type { VaultPrograms } from "./build.ts";

export interface AgentRun extends Disposable {
  /** 0 once all files are there. */
  readonly code: number;
  /** Its log. */
  readonly log: string;
  /** Where a file of the pod stands on this machine. @param path in the pod */
  onThisMachine(path: string): string;
}

export interface AgentOptions {
  /** The pod after the Vault Agent Injector. */
  readonly pod: Pod;
  /** Token of Vault to read with, in place of the pod's login. */
  readonly token: string;
  /** Words of its log at which it is ended: for what it tries again and again. */
  readonly endAt?: RegExp;
}

/**
 * Runs the agent to its end, on the configuration of the pod's init container; only paths and login are this
 * machine's. One that was ended here has the code 128.
 */
export async function runAgent({ vault }: VaultPrograms, { pod, token, endAt }: AgentOptions): Promise<AgentRun> {
  const folder = mkdtempSync(join(tmpdir(), "pod-secrets-agent-"));
  const dispose = (): void => rmSync(folder, { recursive: true, force: true });
  const onThisMachine = (path: string): string => join(folder, path);
  try {
    for (const path of Object.values(PLACES)) mkdirSync(onThisMachine(path), { recursive: true });
    const tokenFile = join(folder, "token");
    writeFileSync(tokenFile, token, { mode: 0o600 });
    const config = join(folder, "config.json");
    writeFileSync(config, JSON.stringify(relocated(agentConfig(pod), onThisMachine, tokenFile)), { mode: 0o600 });
    const { code, log } = await untilEnded(vault, ["agent", `-config=${config}`], folder, endAt);
    return { code, log, onThisMachine, [Symbol.dispose]: dispose };
  } catch (error) {
    dispose();
    throw error;
  }
}

async function untilEnded(
  program: string,
  args: readonly string[],
  home: string,
  endAt: RegExp | undefined,
): Promise<{ readonly code: number; readonly log: string }> {
  const child = spawn(program, args, { env: { ...process.env, HOME: home }, stdio: ["ignore", "pipe", "pipe"] });
  let log = "";
  const read = (chunk: Buffer): void => {
    log += chunk.toString();
    if (endAt?.test(log) === true) child.kill("SIGKILL");
  };
  child.stdout.on("data", read);
  child.stderr.on("data", read);
  const timer = setTimeout(() => child.kill("SIGKILL"), PATIENCE);
  const [code] = (await once(child, "close")) as [number | null];
  clearTimeout(timer);
  return { code: code ?? 128, log };
}

/** Milliseconds. */
const PATIENCE = 60_000;

/** Volumes of the pod that the agent writes to. */
const PLACES = { secrets: "/etc/flyte/secrets", home: "/home/vault" };

/** What the tests read and change of the agent's configuration. */
export interface AgentConfig {
  readonly auto_auth: {
    readonly method: object;
    readonly sink: readonly { readonly config: { readonly path: string } }[];
  };
  readonly pid_file: string;
  readonly template: readonly AgentTemplate[];
}

export interface AgentTemplate {
  readonly destination: string;
  readonly contents: string;
  readonly error_on_missing_key?: boolean;
}

/** The configuration in a pod's init container. @throws Error when it has no such container */
export function agentConfig(pod: Pod): AgentConfig {
  const agent = pod.spec?.initContainers?.find(({ name }) => name === "vault-agent-init");
  const config = agent?.env?.find(({ name }) => name === "VAULT_CONFIG")?.value;
  if (config === undefined) throw new Error("the pod has no Vault agent");
  return JSON.parse(Buffer.from(config, "base64").toString()) as AgentConfig;
}

function relocated(config: AgentConfig, at: (path: string) => string, tokenFile: string): AgentConfig {
  const { auto_auth: login, pid_file: pidFile, template } = config;
  return {
    ...config,
    pid_file: at(pidFile),
    auto_auth: {
      method: { type: "token_file", config: { token_file_path: tokenFile } },
      sink: login.sink.map((sink) => ({ ...sink, config: { ...sink.config, path: at(sink.config.path) } })),
    },
    template: template.map((entry) => ({ ...entry, destination: at(entry.destination) })),
  };
}
