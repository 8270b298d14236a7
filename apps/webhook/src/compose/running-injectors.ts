/** Injectors from their plugins, until they are disposed of. */
import { isSecretError, type InjectorHost, type Logger, type SecretInjector } from "@pod-secrets/core";

import { faultName } from "../faults.ts";
import type { ReadyManager } from "./managers.ts";
import { injectorFault, type Fault } from "./plugin-check.ts";
import { NoAnswer, START_LIMIT, STOP_LIMIT, within } from "./time-limit.ts";

/** What injectors get from whoever runs them, beside a log. */
export interface Lent {
  /** Whether a command asks, of which no pod comes. */
  readonly offline?: boolean;
  readonly count?: (injector: string, event: string) => void;
}

/** An injector, and what tells it to stop. */
export interface RunningInjector {
  readonly injector: SecretInjector;
  readonly stop: AbortController;
}

/** Never throws; one that comes too late is disposed of when it comes. */
export async function createInjector(
  manager: ReadyManager,
  log: Logger,
  { offline = false, count }: Lent,
): Promise<RunningInjector | { readonly fault: Fault; readonly path: ReadyManager["path"] }> {
  const { plugin, options, path } = manager;
  const stop = new AbortController();
  const own = { offline, count: (event: string) => count?.(plugin.name, event) };
  const host: InjectorHost = { log, signal: stop.signal, clock: Date.now, ...own };
  const creating = Promise.resolve().then(() => plugin.create(options, host));
  try {
    const injector = await within(START_LIMIT, () => creating);
    const fault = injectorFault(injector, plugin);
    if (fault === undefined) return { injector, stop };
    stop.abort();
    return { fault: { ...fault, message: `manager ${plugin.name} ${fault.message}` }, path };
  } catch (error) {
    stop.abort();
    if (error instanceof NoAnswer) void disposeLate(creating, manager, stop, log);
    return { fault: notCreated(plugin.name, error), path };
  }
}

/** Of an injector that is there when nobody waits for it any more. */
async function disposeLate(
  creating: Promise<SecretInjector>,
  { plugin }: ReadyManager,
  stop: AbortController,
  log: Logger,
): Promise<void> {
  try {
    const injector = await creating;
    if (injectorFault(injector, plugin) === undefined) await disposeAll([{ injector, stop }], log);
  } catch {
    // It never came to be, and that it could not start is told already.
  }
}

/** The text of an error of core's own kind is safe to show; that of any other may hold a value. */
function notCreated(name: string, error: unknown): Fault {
  if (isSecretError(error))
    return {
      code: "E_CONFIG_PLUGIN_START",
      message: `manager ${name} could not start: ${error.message}`,
      fix: error.fix,
    };
  const what = error instanceof NoAnswer ? error.message : `it failed with ${faultName(error)}`;
  const message = `manager ${name} could not start: ${what}`;
  return { code: "E_CONFIG_PLUGIN_START", message };
}

/** Stops injectors, the last one first. Never throws. */
export async function disposeAll(injectors: readonly RunningInjector[], log: Logger): Promise<void> {
  for (const { injector, stop } of injectors.toReversed()) {
    stop.abort();
    try {
      // One after the other on purpose: a later one may lean on an earlier one.
      // oxlint-disable-next-line no-await-in-loop
      await within(STOP_LIMIT, () => injector.dispose?.());
    } catch (error) {
      log.warn("an injector failed to stop", { injector: injector.name, error: faultName(error) });
    }
  }
}
