/** All injectors that come with the webhook, loaded at once: for listings and documents, and not for a webhook that serves. */
import type { InjectorPlugin } from "@pod-secrets/core";

import { GLOBAL_INJECTOR, MANAGER_NAMES, loadManager } from "./built-in-injectors.ts";

/** Managers that `use:` may name. */
export const BUILT_IN_MANAGERS: readonly InjectorPlugin[] = await Promise.all(MANAGER_NAMES.map(loadManager));

export const BUILT_IN_INJECTORS: readonly InjectorPlugin[] = [GLOBAL_INJECTOR, ...BUILT_IN_MANAGERS];
