/** The life of the webhook once all its parts are there: listen, be ready, and leave without losing an admission. */
import type { AddressInfo, Server } from "node:net";

import type { OperationsConfig } from "../config/schema/operations.ts";
import type { ServerConfig } from "../config/schema/server.ts";
import { AppError } from "../errors.ts";
import type { Log, LogLineFields } from "../telemetry/log.ts";
import type { Connections } from "./connections.ts";
import { drainable } from "./drain.ts";
import type { Life } from "./life.ts";
import { listen } from "./listen.ts";
import type { ProcessSignals } from "./stop-signals.ts";

export interface ServeOptions {
  readonly admissions: {
    readonly server: Server;
    readonly connections: Pick<Connections, "closeWaiting">;
    readonly config: ServerConfig;
  };
  readonly operations: { readonly server: Server; readonly config: OperationsConfig };
  readonly life: Life;
  readonly signals: ProcessSignals;
  /** Resolves when something failed that leaves the process in a state nobody knows. */
  readonly failure: Promise<void>;
  readonly log: Log;
  /** Stands in the line that says that the webhook serves. */
  readonly about: LogLineFields;
  /** Work that begins once the webhook serves. When it fails, the webhook stops with its error. */
  readonly begin?: () => Promise<void>;
}

/**
 * How long to wait for what is still being answered, in milliseconds. Together with the time before, it has to
 * end within the `terminationGracePeriodSeconds` of the pod.
 */
const FINISH = 25_000;
/** The same for probes, which can be repeated. */
const FINISH_OPERATIONS = 1000;

/** How serving ended: somebody asked for it, or something failed. */
export type Served = "stopped" | "failed";

/**
 * Opens both ports, serves until a signal says to stop or something fails, and drains.
 * @throws AppError `E_PORT`, and what `begin` throws
 */
export async function serveUntilStopped(options: ServeOptions): Promise<Served> {
  const { admissions, operations, life, signals, log, about } = options;
  const drainAdmissions = drainable(admissions.server, admissions.connections.closeWaiting);
  const drainOperations = drainable(operations.server);
  const { hurry } = signals;
  let accept = 0;
  try {
    const { address, port } = await open(admissions.server, admissions.config, "server");
    const { port: operationsPort } = await open(operations.server, operations.config, "operations", port);
    life.startListening();
    log.info("serving", { address, port, operationsPort, ...about });
    // Somebody waits for this line.
    await log.flush();
    const cause = await Promise.race([
      signals.stop,
      options.failure.then(() => "failure" as const),
      failureOf(options.begin),
    ]);
    life.startDraining();
    const signal = cause === "failure" ? undefined : cause.signal;
    if (signal !== "SIGINT") accept = admissions.config.drainSeconds * 1000;
    log.info("stopping", { signal, acceptSeconds: accept / 1000 });
    return cause === "failure" ? "failed" : "stopped";
  } finally {
    const outcome = await drainAdmissions({ accept, finish: FINISH, hurry });
    if (outcome === "cut") log.warn("connections were closed before their admissions were answered");
    await drainOperations({ accept: 0, finish: FINISH_OPERATIONS, hurry });
  }
}

/** Rejects when it fails, and never resolves. */
async function failureOf(begin: (() => Promise<void>) | undefined): Promise<never> {
  await begin?.();
  return new Promise(() => {});
}

async function open(
  server: Server,
  { host, port }: { readonly host: string; readonly port: number },
  section: "server" | "operations",
  own?: number,
): Promise<AddressInfo> {
  const listening = await listen(server, host, port);
  if (!listening.ok && port === own)
    throw new AppError("E_PORT", `operations: ${listening.message}`, "Choose another port than that of `server`.");
  if (!listening.ok) throw new AppError("E_PORT", `${section}: ${listening.message}`, listening.fix);
  return listening.address;
}
