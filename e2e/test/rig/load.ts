/** Many creators of pods at once, and what became of each pod. */
import type { ApiClient, ApiAnswer, Status } from "./api-client.ts";

/** A creation that did not bring the pod that it should. */
export interface Failure {
  /** Milliseconds since 1970, of its start and end. */
  readonly started: number;
  readonly ended: number;
  readonly status: number;
  readonly message: string;
}

export interface LoadResult {
  readonly created: number;
  readonly failures: readonly Failure[];
  /** Milliseconds of each creation, sorted. */
  readonly durations: readonly number[];
}

export interface Load {
  /** Ends when the creations under way have ended. @throws Error when there was none: nothing was tried */
  stop(): Promise<LoadResult>;
  created(): number;
}

export interface LoadOptions {
  readonly api: ApiClient;
  readonly namespace: string;
  readonly creators: number;
  /** Creates no more than that. Without: until it is stopped. */
  readonly atMost?: number;
  readonly pod: unknown;
  /** Why an accepted pod is not what it should be: one without its secret is a failure as well. */
  readonly problem: (pod: unknown) => string | undefined;
}

/** Each creator goes on to the next pod when it has the answer for the last. */
export function startLoad({ api, namespace, creators, atMost = Infinity, pod, problem }: LoadOptions): Load {
  const durations: number[] = [];
  const failures: Failure[] = [];
  const stop = new AbortController();
  let begun = 0;
  const create = async (): Promise<void> => {
    while (!stop.signal.aborted && begun < atMost) {
      begun += 1;
      const started = Date.now();
      const answer = await api.createPod<Status>(namespace, pod);
      durations.push(Date.now() - started);
      const message = failureOf(answer, problem);
      if (message !== undefined) failures.push({ started, ended: Date.now(), status: answer.status, message });
    }
  };
  const all = Promise.all(Array.from({ length: creators }, create));
  return {
    created: () => durations.length,
    stop: async () => {
      if (atMost === Infinity) stop.abort();
      await all;
      if (durations.length === 0) throw new Error("no pod was created");
      return { created: durations.length, failures, durations: durations.toSorted((a, b) => a - b) };
    },
  };
}

function failureOf(answer: ApiAnswer<Status>, problem: LoadOptions["problem"]): string | undefined {
  if (answer.status === 201) return problem(answer.body);
  return answer.body.message ?? "no message";
}
