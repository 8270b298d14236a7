/** What changes while the webhook serves: its config and its certificate are taken up as they come. */
import { presentInTurn } from "../certificates/present-in-turn.ts";
import type { CertificateEvents, ServingCertificate } from "../certificates/serving-certificate.ts";
import type { ConfigOverrides } from "../config/load.ts";
import type { Config } from "../config/schema.ts";
import { watchConfig } from "../config/watch.ts";
import { describeFault } from "../faults.ts";
import type { Log } from "../telemetry/log.ts";
import type { LiveComposition } from "./live-composition.ts";
import type { Registration } from "./registration.ts";
import { createReload } from "./reload.ts";
import type { Lent } from "./running-injectors.ts";
import type { Serving } from "./serving.ts";

export interface FollowedConfig {
  /** Nothing to follow where it is not given. */
  readonly file: string | undefined;
  readonly overrides: ConfigOverrides;
  /** The config that the process started with, as the file has it. */
  readonly started: Config;
  /** For injectors of a new one. */
  readonly lent: Lent;
}

export interface Followed {
  readonly config: FollowedConfig;
  readonly live: LiveComposition;
  readonly certificate: ServingCertificate;
  /** Whose CA is to be registered before a certificate is presented. */
  readonly registration: Registration | undefined;
  readonly serving: Serving;
  readonly log: Log;
  /** Ends it. */
  readonly signal: AbortSignal;
}

/** @returns looks at both at once */
export function followChanges(followed: Followed): () => void {
  const lookAtCertificate = followed.certificate.watch(certificateEvents(followed));
  const reload = followConfig(followed);
  return () => {
    lookAtCertificate();
    void reload();
  };
}

function certificateEvents({ serving, registration, log, signal }: Followed): CertificateEvents {
  const { admissions, metrics } = serving;
  return {
    onChange: presentInTurn({
      published: async () => registration?.followFiles(),
      present: (certificate) => {
        admissions.present(certificate);
        metrics.certificateReload(true);
        log.info("certificate reloaded", { expires: new Date(certificate.expires).toISOString() });
      },
      onFault: (fault) => {
        metrics.certificateReload(false);
        log.error("a new certificate cannot be presented; the last good one stays", { ...describeFault(fault) });
      },
      signal,
    }),
    onProblem: (message, fix) => {
      metrics.certificateReload(false);
      log.error(`E_CERTIFICATE: ${message}; the last good one stays. Fix: ${fix}`, { code: "E_CERTIFICATE" });
    },
    signal,
    clock: Date.now,
  };
}

/** @returns reads the config at once; never rejects */
function followConfig({ config, live, serving, log, signal }: Followed): () => Promise<void> {
  const { file, overrides, started, lent } = config;
  const { metrics } = serving;
  metrics.configReload(true, Date.now());
  if (file === undefined) return async () => {};
  const onReload = ({ ok }: { readonly ok: boolean }): void => metrics.configReload(ok, Date.now());
  const reload = createReload({ file, overrides, started, live, log, lent, onReload });
  watchConfig({ file, revision: started.revision, onChange: reload, log, signal });
  return reload;
}
