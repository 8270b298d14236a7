/**
 * Calls as the API server makes them (`pkg/util/webhook` and client-go, 1.36): 25 idle connections are kept, one more is
 * opened whenever none is free, a call ends with its timeout, and is repeated after 429 and a whole `Retry-After` only.
 */
import { Agent, request } from "node:https";
import { setTimeout as sleep } from "node:timers/promises";

export const REVIEW_PATH = "/mutate--v1-pod";

/** The headers that the API server sends (`kube-apiserver-admission`, 1.36). */
export const API_SERVER_HEADERS: Readonly<Record<string, string>> = {
  "User-Agent": "kube-apiserver-admission",
  "Content-Type": "application/json",
  Accept: "application/json, */*",
  "Accept-Encoding": "gzip",
};

export interface ApiServerOptions {
  readonly port: number;
  /** PEM. */
  readonly ca: string;
  /** `timeoutSeconds` of the registration. */
  readonly timeoutSeconds: number;
}

/** What became of the creation of a pod. */
export type Creation = "admitted" | "timeout" | "failed";

export interface ApiServer {
  /** Creates a pod: one call and its repetitions. */
  readonly create: (review: string) => Promise<Creation>;
  readonly stop: () => void;
}

const MAX_REPETITIONS = 10;

export function apiServer({ port, ca, timeoutSeconds }: ApiServerOptions): ApiServer {
  const agent = new Agent({ keepAlive: true, maxFreeSockets: 25 });
  const path = `${REVIEW_PATH}?timeout=${timeoutSeconds}s`;
  const post = (review: string, signal: AbortSignal): Promise<{ code: number; retryAfter: string | undefined }> =>
    new Promise((resolve, reject) => {
      const headers = { ...API_SERVER_HEADERS, "Content-Length": Buffer.byteLength(review) };
      request({ host: "127.0.0.1", port, ca, path, method: "POST", agent, headers, signal }, (response) => {
        const { statusCode: code = 0, headers: answered } = response;
        response.on("error", reject);
        response.on("end", () => resolve({ code, retryAfter: answered["retry-after"] })).resume();
      })
        .on("error", reject)
        .end(review);
    });
  const create = async (review: string): Promise<Creation> => {
    const signal = AbortSignal.timeout(timeoutSeconds * 1000);
    try {
      for (let repetition = 0; repetition <= MAX_REPETITIONS; repetition++) {
        const { code, retryAfter = "" } = await post(review, signal);
        if (code === 200) return "admitted";
        if (code !== 429 || !/^\d+$/.test(retryAfter)) return "failed";
        await sleep(Number(retryAfter) * 1000, undefined, { signal });
      }
      return "failed";
    } catch {
      return signal.aborted ? "timeout" : "failed";
    }
  };
  return { create, stop: () => agent.destroy() };
}

/** How many creations ended in each way, by the second in which they ended. */
export type Seconds = readonly Readonly<Record<Creation, number>>[];

/** Creates so many pods per second, whether the webhook keeps up or not, and waits for the end of all. */
export async function createAtRate(
  { create }: ApiServer,
  review: string,
  perSecond: number,
  seconds: number,
): Promise<Seconds> {
  const ended: Record<Creation, number>[] = [];
  const started = performance.now();
  const pending: Promise<void>[] = [];
  const one = async (): Promise<void> => {
    const creation = await create(review);
    const second = Math.floor((performance.now() - started) / 1000);
    while (ended.length <= second) ended.push({ admitted: 0, timeout: 0, failed: 0 });
    const counts = ended[second];
    if (counts !== undefined) counts[creation]++;
  };
  while (pending.length < perSecond * seconds) {
    if (started + (pending.length * 1000) / perSecond <= performance.now()) pending.push(one());
    else await sleep(1);
  }
  await Promise.all(pending);
  return ended;
}

/** Creations per second that the webhook takes, with so many at a time. */
export async function capacityOf(
  { create }: ApiServer,
  review: string,
  seconds: number,
  atATime = 16,
): Promise<number> {
  const started = performance.now();
  let admitted = 0;
  const client = async (): Promise<void> => {
    while (performance.now() - started < seconds * 1000) if ((await create(review)) === "admitted") admitted++;
  };
  await Promise.all(Array.from({ length: atATime }, client));
  return (admitted * 1000) / (performance.now() - started);
}
