/** `pod-secrets unregister`: takes the registration back, before an installation goes. */
import { quoted } from "@pod-secrets/core";

import { AppError } from "../../../errors.ts";
import { desiredRegistration } from "../../../registration/desired-registration.ts";
import { unregister } from "../../../registration/unregister.ts";
import type { Invocation } from "../../command.ts";
import type { ExitCodeName } from "../../exit-codes.ts";
import { say, type Streams } from "../../streams.ts";
import { openCluster } from "../cluster-access.ts";
import { configuredRegistration } from "../configured-registration.ts";

const DEFAULT_WAIT = 5;
const MAX_WAIT = 300;
/** Milliseconds in which an API server that does not answer may come back, for each step. */
const PATIENCE = 15_000;

/** @throws AppError when it is still there in the end */
export async function run(invocation: Invocation, streams: Streams): Promise<ExitCodeName> {
  const wait = secondsOf(invocation.value("wait"));
  const config = await configuredRegistration(invocation.value("config"), streams);
  if (config === undefined) return "misuse";
  const ending = new AbortController();
  try {
    const cluster = await openCluster(config, invocation, { streams, patience: PATIENCE, signal: ending.signal });
    const { client, namespace, tellOfWaiting } = cluster;
    const desired = desiredRegistration(config, namespace);
    const unregistering = { client, desired, wait: wait * 1000, clock: Date.now, patience: PATIENCE };
    const outcome = await unregister({ ...unregistering, onWaiting: tellOfWaiting }).catch((error: unknown) => {
      if (invocation.isOn("if-ours") && error instanceof AppError && error.code === "E_REGISTRATION_OWNER")
        return "of another installation, and left alone";
      throw error;
    });
    say(streams, `MutatingWebhookConfiguration ${desired.name}: ${outcome}`);
    return "done";
  } finally {
    ending.abort();
  }
}

function secondsOf(text: string | undefined): number {
  if (text === undefined) return DEFAULT_WAIT;
  const seconds = /^\d{1,3}$/.test(text) ? Number(text) : Number.NaN;
  if (seconds <= MAX_WAIT) return seconds;
  throw new AppError("E_USAGE", `--wait cannot be ${quoted(text)}`, `Give a number from 0 to ${MAX_WAIT}.`);
}
