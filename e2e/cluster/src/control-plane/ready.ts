/** Waits until a part of the cluster says that it is ready. */
import { request as requestHttp, type RequestOptions } from "node:http";
import { request as requestHttps } from "node:https";
import { setTimeout as sleep } from "node:timers/promises";

import type { KeyPair } from "../certificates/authority.ts";
import { ClusterError } from "../errors.ts";
import { endedEarly, type StartedProcess } from "../processes/start.ts";

export interface Endpoint {
  readonly url: string;
  /** PEM; for HTTPS. */
  readonly ca?: string;
  readonly client?: KeyPair;
}

/**
 * Asks until the answer is 200.
 * @throws ClusterError `E_CLUSTER_START` when the process ends or takes too long
 */
export async function untilReady(process: StartedProcess, endpoint: Endpoint, signal?: AbortSignal): Promise<void> {
  const deadline = performance.now() + PATIENCE;
  while ((await statusOf(endpoint)) !== 200) {
    signal?.throwIfAborted();
    const ending = process.ending();
    if (ending !== undefined) throw endedEarly(process, ending);
    if (performance.now() > deadline) {
      throw new ClusterError(
        "E_CLUSTER_START",
        `${endpoint.url} does not say that it is ready, after ${PATIENCE / 1000} s`,
        "See whether the machine is overloaded.",
      );
    }
    await sleep(STEP);
  }
}

/** Milliseconds. A busy machine takes long; a process that hangs still ends the wait. */
const PATIENCE = 120_000;
const STEP = 50;

/** @returns `undefined` when nobody answers */
function statusOf({ url, ca, client }: Endpoint): Promise<number | undefined> {
  return new Promise((answered) => {
    const identity = client === undefined ? {} : { cert: client.certificate, key: client.key };
    const tls = { ca, ...identity };
    const options: RequestOptions = { timeout: 2000, agent: false };
    const sent = url.startsWith("https:") ? requestHttps(url, { ...options, ...tls }) : requestHttp(url, options);
    sent.once("response", (response) => {
      response.resume();
      answered(response.statusCode);
    });
    sent.once("timeout", () => sent.destroy());
    sent.once("error", () => answered(undefined));
    sent.end();
  });
}
