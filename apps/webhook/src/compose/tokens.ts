/**
 * Names under which the container keeps what the app is made of. Nothing but tokens here: in the file that
 * declares it, TypeScript narrows a token to `symbol` and loses its type.
 */
import type { Server } from "node:net";
import type { MutationSettings, Naming, Profile, SecretInjector } from "@pod-secrets/core";
import type { InjectionToken } from "tsyringe";

import type { Config } from "../config/schema.ts";
import type { Accepting } from "../server/accepting.ts";
import type { Patience } from "../server/admission-deadline.ts";
import type { AdmissionQueue } from "../server/admission-queue.ts";
import type { AdmissionServer } from "../server/admission-server.ts";
import type { ByteBudget } from "../server/byte-budget.ts";
import type { Life } from "../server/life.ts";
import type { ReviewEndpoint } from "../server/review-endpoint.ts";
import type { TurnClock } from "../server/turn-clock.ts";
import type { Visits } from "../server/visits.ts";
import type { Metrics } from "../telemetry/metrics.ts";

export const CONFIG: InjectionToken<Config> = Symbol("Config");
export const PROFILE: InjectionToken<Profile> = Symbol("Profile");
export const NAMING: InjectionToken<Naming> = Symbol("Naming");
/** The array as one value: its order is the config's, and it may be empty. */
export const INJECTORS: InjectionToken<readonly SecretInjector[]> = Symbol("SecretInjectors");
export const SETTINGS: InjectionToken<MutationSettings> = Symbol("MutationSettings");

export const BODY_BUDGET: InjectionToken<ByteBudget> = Symbol("ByteBudget");
export const ACCEPTING: InjectionToken<Accepting> = Symbol("Accepting");
export const TURN_CLOCK: InjectionToken<TurnClock> = Symbol("TurnClock");
export const PATIENCE: InjectionToken<Patience> = Symbol("Patience");
export const ADMISSION_QUEUE: InjectionToken<AdmissionQueue> = Symbol("AdmissionQueue");
export const VISITS: InjectionToken<Visits> = Symbol("Visits");
export const LIFE: InjectionToken<Life> = Symbol("Life");
export const METRICS: InjectionToken<Metrics> = Symbol("Metrics");
export const REVIEW_ENDPOINT: InjectionToken<ReviewEndpoint> = Symbol("ReviewEndpoint");
export const ADMISSION_SERVER: InjectionToken<AdmissionServer> = Symbol("AdmissionServer");
export const OPERATIONS_SERVER: InjectionToken<Server> = Symbol("OperationsServer");
