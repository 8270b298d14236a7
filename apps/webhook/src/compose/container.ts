// First on purpose: tsyringe throws at import without it.
import "reflect-metadata";

import {
  PROFILES,
  createNaming,
  isSecretError,
  type InjectorHost,
  type InjectorMeta,
  type Isolation,
  type Logger,
  type MutationSettings,
  type SecretInjector,
} from "@pod-secrets/core";
import { container as rootContainer, instanceCachingFactory, type DependencyContainer } from "tsyringe";

import type { Problem } from "../config/problems.ts";
import type { Config } from "../config/schema.ts";
import { faultName } from "../faults.ts";
import { useProblem, type ReadyManager } from "./managers.ts";
import { injectorFault, type Fault } from "./plugin-check.ts";
import { NoAnswer, START_LIMIT, STOP_LIMIT, within } from "./time-limit.ts";
import { CONFIG, INJECTORS, LOG, NAMING, PROFILE, SETTINGS } from "./tokens.ts";

/** A config come to life: what admissions are answered with. */
export interface Composition {
  readonly settings: MutationSettings;
  /** In the order in which they are asked. */
  readonly injectors: readonly ComposedInjector[];
  /** Stops the injectors, the last one first. Call it once, when no admission uses them any more. */
  dispose(): Promise<void>;
}

export interface ComposedInjector {
  readonly name: string;
  readonly meta: InjectorMeta;
  readonly builtIn: boolean;
}

export type Composed =
  | { readonly ok: true; readonly composition: Composition }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** What injectors get from whoever runs them, beside a log. */
export interface Lent {
  /** Whether a command asks, of which no pod comes. */
  readonly offline?: boolean;
  readonly count?: (injector: string, event: string) => void;
}

/** An empty container of its own: nothing is ever registered in tsyringe's global one. */
export function createContainer(): DependencyContainer {
  return rootContainer.createChildContainer();
}

/**
 * Creates the injectors of a config. Never throws; when one cannot be created, the others are disposed of again.
 * @param ready the managers of this config, loaded and checked
 */
export async function compose(
  config: Config,
  ready: readonly ReadyManager[],
  log: Logger,
  lent: Lent = {},
): Promise<Composed> {
  const created = await Promise.all(ready.map((manager) => createInjector(manager, log, lent)));
  const running = created.filter((result) => "injector" in result);
  const failures = created.flatMap((result) =>
    "fault" in result ? [useProblem(result.path, result.fault, config)] : [],
  );
  if (failures.length > 0) {
    await disposeAll(running, log);
    return { ok: false, problems: failures };
  }
  const container = createContainer();
  register(
    container,
    config,
    log,
    running.map(({ injector }) => injector),
    // The suite holds the built-in ones to what `trust` says of them; of others nobody knows.
    ready.every(({ builtIn }) => builtIn) ? "trust" : "freeze",
  );
  return {
    ok: true,
    composition: {
      settings: container.resolve(SETTINGS),
      injectors: ready.map(({ plugin, builtIn }) => ({ name: plugin.name, meta: plugin.meta, builtIn })),
      dispose: async () => {
        await disposeAll(running, log);
        await container.dispose();
      },
    },
  };
}

function register(
  container: DependencyContainer,
  config: Config,
  log: Logger,
  injectors: readonly SecretInjector[],
  isolation: Isolation,
): void {
  container.register(CONFIG, { useValue: config });
  container.register(LOG, { useValue: log });
  container.register(INJECTORS, { useValue: injectors });
  // A factory runs on every resolve unless it is wrapped.
  container.register(PROFILE, { useFactory: instanceCachingFactory((from) => PROFILES[from.resolve(CONFIG).profile]) });
  container.register(NAMING, {
    useFactory: instanceCachingFactory((from) => {
      const { envPrefix, mountRoot } = from.resolve(CONFIG);
      return createNaming(from.resolve(PROFILE), envPrefix, mountRoot);
    }),
  });
  container.register(SETTINGS, {
    useFactory: instanceCachingFactory((from) => ({
      profile: from.resolve(PROFILE),
      naming: from.resolve(NAMING),
      injectors: from.resolve(INJECTORS),
      onFailure: from.resolve(CONFIG).onFailure,
      isolation,
    })),
  });
}

interface RunningInjector {
  readonly injector: SecretInjector;
  readonly stop: AbortController;
}

async function createInjector(
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

async function disposeAll(injectors: readonly RunningInjector[], log: Logger): Promise<void> {
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
