/** A real PostgreSQL on a folder for temporary files, for Vault's database engine. */
import { globSync, mkdtempSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";

import { freePorts } from "../../cluster/src/control-plane/free-port.ts";
import { endGently, signal } from "../../cluster/src/processes/end.ts";
import { lastLines, run } from "../../cluster/src/processes/run.ts";
import { endingWithThisProcess, start, whileRunning } from "../../cluster/src/processes/start.ts";
import { sayOnStandardError } from "../../cluster/src/progress.ts";
import type { Support } from "../../cluster/src/support.ts";
import { ToolError } from "../../tools/tool-error.ts";

export interface Postgresql extends AsyncDisposable {
  /** `127.0.0.1:PORT` */
  readonly address: string;
  /** A superuser. */
  readonly user: string;
  readonly password: string;
  /** What a query says to a user, as text. @throws ToolError `E_TOOL_POSTGRESQL` when the user is not let in */
  query(user: { readonly user: string; readonly password: string }, sql: string): Promise<string>;
}

/** Whether there is PostgreSQL, or may be installed. */
export function postgresqlSupport(): Support {
  if (programFolder() !== undefined || process.getuid?.() === 0) return { kind: "supported" };
  return { kind: "unsupported", reason: "there is no PostgreSQL", fix: "Install postgresql, or be root." };
}

/**
 * Starts it, and waits until it answers. As root it is installed when it is missing, and runs as the user that the
 * package makes: it refuses to be root.
 * @throws ToolError `E_TOOL_MISSING`, `E_TOOL_POSTGRESQL`
 */
export async function startPostgresql(): Promise<Postgresql> {
  const programs = programFolder() ?? (await install());
  const folder = mkdtempSync(join(tmpdir(), "pod-secrets-postgresql-"));
  const asOwner = process.getuid?.() === 0 ? OTHER_USER : [];
  try {
    const [user, password] = ["admin", randomUUID()];
    const passwordFile = join(folder, "password");
    writeFileSync(passwordFile, password, { mode: 0o600 });
    if (asOwner.length > 0) await say("chown", ["-R", "postgres", folder]);
    const data = join(folder, "data");
    const secure = ["--auth=scram-sha-256", `--username=${user}`, `--pwfile=${passwordFile}`];
    const [program, ...prefix] = [...asOwner, join(programs, "initdb")];
    await say(program, [...prefix, "--no-sync", "--locale=C", "--encoding=UTF8", ...secure, data]);
    return await serve({ programs, folder, data, asOwner, user, password });
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

const OTHER_USER: readonly string[] = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--"];

interface Installed {
  readonly programs: string;
  readonly folder: string;
  readonly data: string;
  readonly asOwner: readonly string[];
  readonly user: string;
  readonly password: string;
}

async function serve({ programs, folder, data, asOwner, user, password }: Installed): Promise<Postgresql> {
  const [port = 0] = await freePorts(1);
  const settings = ["listen_addresses=127.0.0.1", `port=${port}`, "unix_socket_directories=", "fsync=off"];
  const flags = ["-D", data, ...settings.flatMap((setting) => ["-c", setting])];
  // A change of the user takes back what was said about the end of this process, so that comes last.
  const [path = "", ...args] = [...asOwner, ...endingWithThisProcess(), join(programs, "postgres"), ...flags];
  const server = await start({ path, args, logFile: join(folder, "postgresql.log"), isDetached: false, cwd: data });
  const query: Postgresql["query"] = (who, sql) => {
    const env = { ...process.env, PGPASSWORD: who.password, PGCONNECT_TIMEOUT: "10" };
    const place = ["--host=127.0.0.1", `--port=${port}`, "--dbname=postgres", `--username=${who.user}`];
    return say(join(programs, "psql"), [...place, "--no-psqlrc", "--tuples-only", "--no-align", "--command", sql], env);
  };
  const dispose = async (): Promise<void> => {
    // "Fast": it waits for nobody who is still connected.
    signal(server, "SIGINT");
    await endGently(server, PATIENCE);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const untilAnswers = (ended: AbortSignal): Promise<void> =>
      untilDone(() => query({ user, password }, "SELECT 1"), ended);
    await whileRunning(server, AbortSignal.timeout(PATIENCE), untilAnswers);
  } catch (error) {
    await dispose();
    throw error;
  }
  return { address: `127.0.0.1:${port}`, user, password, query, [Symbol.asyncDispose]: dispose };
}

/** Milliseconds. */
const PATIENCE = 60_000;

async function untilDone(work: () => Promise<unknown>, ended: AbortSignal): Promise<void> {
  for (;;) {
    ended.throwIfAborted();
    const isDone = await work().then(
      () => true,
      () => false,
    );
    if (isDone) return;
    await sleep(100);
  }
}

/** The newest version's programs. Debian keeps them out of the PATH. */
function programFolder(): string | undefined {
  const found = globSync("/usr/lib/postgresql/*/bin/initdb").map((program) => dirname(program));
  return found.toSorted((a, b) => versionOf(a) - versionOf(b)).at(-1);
}

function versionOf(folder: string): number {
  return Number(basename(dirname(folder)));
}

async function install(): Promise<string> {
  sayOnStandardError("Installing postgresql ...");
  // Without a runlevel of a running system the package starts no server of its own.
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive", RUNLEVEL: "1" };
  for (const args of [["update"], ["install", "--yes", "--no-install-recommends", "postgresql"]]) {
    await run("apt-get", args, { env }).catch(() => undefined);
  }
  const folder = programFolder();
  if (folder !== undefined) return folder;
  throw new ToolError("E_TOOL_MISSING", "there is no PostgreSQL, and apt-get did not bring it", "Install postgresql.");
}

async function say(program: string, args: readonly string[], env: NodeJS.ProcessEnv = process.env): Promise<string> {
  const { code, stdout, stderr } = await run(program, args, { env });
  if (code === 0) return stdout.trim();
  const words = lastLines(stderr || stdout, 3);
  throw new ToolError("E_TOOL_POSTGRESQL", `${basename(program)} ended with ${code}: ${words}`, "See its words.");
}
