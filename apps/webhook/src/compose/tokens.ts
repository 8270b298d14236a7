/**
 * Names under which the container keeps what the app is made of. Nothing but tokens here: in the file that
 * declares it, TypeScript narrows a token to `symbol` and loses its type.
 */
import type { Logger, MutationSettings, Naming, Profile, SecretInjector } from "@pod-secrets/core";
import type { InjectionToken } from "tsyringe";

import type { Config } from "../config/schema.ts";

export const CONFIG: InjectionToken<Config> = Symbol("Config");
export const LOG: InjectionToken<Logger> = Symbol("Logger");
export const PROFILE: InjectionToken<Profile> = Symbol("Profile");
export const NAMING: InjectionToken<Naming> = Symbol("Naming");
/** The array as one value: its order is the config's, and it may be empty. */
export const INJECTORS: InjectionToken<readonly SecretInjector[]> = Symbol("SecretInjectors");
export const SETTINGS: InjectionToken<MutationSettings> = Symbol("MutationSettings");
