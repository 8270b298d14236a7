/** Admissions that are being answered for as long as a test wants. */
import { PROFILES, createNaming, injected, type MutationSettings } from "@pod-secrets/core";

import type { StartOptions } from "./started-webhook.ts";

export interface HeldBack {
  readonly settings: NonNullable<StartOptions["settings"]>;
  /** Lets all of them go on. */
  readonly release: () => void;
}

/** Settings with one injector, which waits. */
export function heldBack(): HeldBack {
  const gate = Promise.withResolvers<void>();
  const profile = PROFILES["flyte-v1"];
  const inject = async (pod: Parameters<typeof injected>[0]): Promise<ReturnType<typeof injected>> => {
    await gate.promise;
    return injected(pod);
  };
  const settings: MutationSettings = {
    profile,
    naming: createNaming(profile),
    injectors: [{ name: "held-back", inject }],
    onFailure: "deny",
  };
  return { settings: (work) => work(settings), release: gate.resolve };
}
