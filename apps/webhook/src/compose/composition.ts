/** From a config to what admissions are answered with. */
import {
  PROFILES,
  createNaming,
  type InjectorMeta,
  type Isolation,
  type Logger,
  type MutationSettings,
  type SecretInjector,
} from "@pod-secrets/core";

import type { Problem } from "../config/problems.ts";
import type { Config } from "../config/schema.ts";
import { createContainer, provide, type DependencyContainer } from "./container.ts";
import { useProblem, type ReadyManager } from "./managers.ts";
import { createInjector, disposeAll, type Lent } from "./running-injectors.ts";
import { CONFIG, INJECTORS, NAMING, PROFILE, SETTINGS } from "./tokens.ts";

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
  injectors: readonly SecretInjector[],
  isolation: Isolation,
): void {
  container.register(CONFIG, { useValue: config });
  container.register(INJECTORS, { useValue: injectors });
  provide(container, PROFILE, (from) => PROFILES[from.resolve(CONFIG).profile]);
  provide(container, NAMING, (from) => {
    const { envPrefix, mountRoot } = from.resolve(CONFIG);
    return createNaming(from.resolve(PROFILE), envPrefix, mountRoot);
  });
  provide(container, SETTINGS, (from) => ({
    profile: from.resolve(PROFILE),
    naming: from.resolve(NAMING),
    injectors: from.resolve(INJECTORS),
    onFailure: from.resolve(CONFIG).onFailure,
    isolation,
  }));
}
