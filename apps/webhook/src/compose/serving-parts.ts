/** What must be there before the parts of `serve` can be connected. */
import type { LoadedCertificate } from "../certificates/certificate.ts";
import type { RotationState } from "../certificates/managed/rotation-record.ts";
import type { OperationsConfig } from "../config/schema/operations.ts";
import type { ServerConfig } from "../config/schema/server.ts";
import type { ReadinessCheck } from "../server/operations-server.ts";
import type { SettingsSource } from "../server/review-endpoint.ts";
import type { InjectorEvents } from "../telemetry/injector-events.ts";
import type { Log } from "../telemetry/log.ts";
import type { Telemetry } from "./telemetry.ts";

export interface ServingParts {
  readonly version: string;
  readonly server: ServerConfig;
  readonly operations: OperationsConfig;
  /** PEM of the CAs whose certificates clients must present. */
  readonly clientCa?: string;
  readonly settings: SettingsSource;
  readonly log: Log;
  readonly telemetry: Telemetry;
  readonly certificate: LoadedCertificate;
  /** Where its rotation stands; nothing where it is not managed. */
  readonly rotation?: (() => RotationState) | undefined;
  readonly injectorEvents?: InjectorEvents;
  /** What must hold beside the parts here. */
  readonly checks?: readonly ReadinessCheck[];
  /** Milliseconds since 1970. */
  readonly clock: () => number;
}
