/** A real Vault in its development mode: in memory, unsealed, with a root token of its own. */
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { freePorts } from "../../cluster/src/control-plane/free-port.ts";
import { end, endGently } from "../../cluster/src/processes/end.ts";
import { endingWithThisProcess, start, whileRunning } from "../../cluster/src/processes/start.ts";
import { ToolError } from "../../tools/tool-error.ts";
import type { VaultPrograms } from "./build.ts";

export interface VaultServer extends AsyncDisposable {
  /** `http://HOST:PORT` */
  readonly url: string;
  readonly rootToken: string;
  /**
   * A call of its HTTP API, with the root token. @param path as it is, without `v1/`; it is escaped here
   * @returns `data` of the answer
   * @throws ToolError `E_TOOL_VAULT` when it is refused
   */
  call(method: "POST" | "GET" | "DELETE", path: string, body?: object): Promise<Readonly<Record<string, unknown>>>;
}

export interface VaultServerOptions {
  /** For its log. */
  readonly folder: string;
  /** Address of this machine that it listens on; 127.0.0.1 by default. */
  readonly host?: string;
}

/** Starts it, and waits until it answers. `secret/` is a key-value store of version 2. */
export async function startVault(
  { vault, plugins }: VaultPrograms,
  { folder, host = "127.0.0.1" }: VaultServerOptions,
): Promise<VaultServer> {
  const rootToken = randomUUID();
  const [port = 0] = await freePorts(1);
  const url = `http://${host}:${port}`;
  const flags = [
    `-dev-listen-address=${host}:${port}`,
    `-dev-root-token-id=${rootToken}`,
    `-dev-plugin-dir=${plugins}`,
  ];
  const command = [vault, "server", "-dev", "-dev-no-store-token", "-log-level=warn", ...flags];
  const [path = vault, ...args] = [...endingWithThisProcess(), ...command];
  const server = await start({ path, args, logFile: join(folder, "vault.log"), isDetached: false, cwd: folder });
  try {
    await whileRunning(server, AbortSignal.timeout(PATIENCE), (signal) => untilAnswers(url, signal));
  } catch (error) {
    await end([server]);
    throw error;
  }
  return {
    url,
    rootToken,
    call: (method, apiPath, body) => call(url, rootToken, method, apiPath, body),
    // It ends its plugins, too.
    [Symbol.asyncDispose]: () => endGently(server, PATIENCE),
  };
}

/** Milliseconds. */
const PATIENCE = 60_000;

async function untilAnswers(url: string, signal: AbortSignal): Promise<void> {
  for (;;) {
    signal.throwIfAborted();
    const response = await fetch(`${url}/v1/sys/health`, { signal }).catch(() => undefined);
    if (response?.status === 200) return;
    await sleep(100);
  }
}

async function call(
  url: string,
  token: string,
  method: string,
  path: string,
  body: object | undefined,
): Promise<Readonly<Record<string, unknown>>> {
  const escaped = path.split("/").map(encodeURIComponent).join("/");
  const response = await fetch(`${url}/v1/${escaped}`, {
    method,
    headers: { "X-Vault-Token": token },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) {
    const message = `${method} ${path} is answered ${response.status}: ${text.trim()}`;
    throw new ToolError("E_TOOL_VAULT", message, "See its words.");
  }
  const answer = (text === "" ? {} : JSON.parse(text)) as { readonly data?: Readonly<Record<string, unknown>> | null };
  return answer.data ?? {};
}
