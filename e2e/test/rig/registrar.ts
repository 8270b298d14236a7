/** The registrar in this process, against a real API server. */
import { openKubernetes } from "../../../apps/webhook/src/kubernetes/open-client.ts";
import { startRegistrar, type Registrar } from "../../../apps/webhook/src/registration/registrar.ts";
import type { RepairPace } from "../../../apps/webhook/src/registration/repair-pace.ts";
import type { Log } from "../../../apps/webhook/src/telemetry/log.ts";
import { desiredBy } from "../../../apps/webhook/test/registration/registrations.ts";
import { onTestFinished } from "vitest";

export interface LoggedLine {
  readonly level: "debug" | "info" | "warn" | "error";
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

export interface RunningRegistrar extends Registrar {
  readonly logged: readonly LoggedLine[];
  /** What was written so far. */
  readonly writes: readonly string[];
  /** Whether it was as it is wanted, each time that this was told. */
  readonly held: readonly boolean[];
  /** Ends it before the test is over. */
  stop(): void;
}

export interface RegistrarSettings {
  /** Path of a kubeconfig. */
  readonly kubeconfig: string;
  /** The section `registration`. */
  readonly section: object;
  /** The section `server`. Default: a managed certificate. */
  readonly server?: object;
  /** Default: repairs at once, however often. */
  readonly pace?: RepairPace;
  /** Of its start, in milliseconds since 1970. */
  readonly clock?: () => number;
  readonly resync?: number;
  /** The bundle where all replicas look. */
  readonly currentBundle?: () => Promise<string | undefined>;
}

/** For tests that break a registration more often than anybody would. */
const AT_ONCE: RepairPace = { wait: () => 0, repaired: () => {}, isContested: () => false };

/** Runs until the test is over. */
export async function runRegistrar(settings: RegistrarSettings): Promise<RunningRegistrar> {
  const { kubeconfig, section, server = { certificates: {} }, pace = AT_ONCE, clock = Date.now } = settings;
  const { resync, currentBundle } = settings;
  const stopping = new AbortController();
  onTestFinished(() => stopping.abort());
  const { client } = await openKubernetes({ kubeconfig, signal: stopping.signal });
  const { log, logged } = recordingLog();
  const writes: string[] = [];
  const held: boolean[] = [];
  const registrar = startRegistrar({
    client,
    desired: desiredBy(section, server),
    log,
    metrics: {
      registrationHeld: (isHeld) => held.push(isHeld),
      registrationWritten: (write) => writes.push(write),
      registrationFailed: () => {},
      registrationContested: () => {},
    },
    signal: stopping.signal,
    clock,
    pace,
    ...(resync === undefined ? {} : { resync }),
    ...(currentBundle === undefined ? {} : { currentBundle }),
  });
  return Object.assign(registrar, { logged, writes, held, stop: () => stopping.abort() });
}

function recordingLog(): { readonly log: Log; readonly logged: readonly LoggedLine[] } {
  const logged: LoggedLine[] = [];
  const write =
    (level: LoggedLine["level"]): Log["info"] =>
    (message, fields = {}) =>
      void logged.push({ level, message, fields });
  const log = {
    debug: write("debug"),
    info: write("info"),
    warn: write("warn"),
    error: write("error"),
  };
  return { log: log as unknown as Log, logged };
}
