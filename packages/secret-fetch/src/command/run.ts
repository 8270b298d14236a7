/** The program, from its arguments to its exit code. */
import { FAILURES, FetchFailure, isFetchFailure } from "../failure.ts";
import { systemClock } from "../ports/clock.ts";
import { createHttpClient } from "../ports/node-http.ts";
import { readSmallFile } from "../ports/read-file.ts";
import type { ProviderHost, ProviderPlugin } from "../provider.ts";
import { requestInEnv } from "../request/parts.ts";
import { prepareRequest } from "../request/prepare.ts";
import { failedBy, refreshRound, runRound, type RoundEnd } from "../run/round.ts";
import { watchSecrets } from "../run/watch.ts";
import { readFlags, type Flags } from "./flags.ts";
import { helpText } from "./help.ts";
import { writeTerminationMessage } from "./termination-log.ts";

/** What the program has of its process. */
export interface Surroundings {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly version: string;
  /** Aborted by SIGTERM and SIGINT. */
  readonly stop: AbortSignal;
  /** Rejects when something throws where nobody waits for it, such as a callback of a provider. */
  readonly strayError?: Promise<never>;
  readonly out: (text: string) => void;
  readonly say: (line: string) => void;
}

type RunFlags = Extract<Flags, { readonly kind: "run" }>;

/**
 * Runs the program with these kinds of stores: those it comes with, and perhaps some of one's own.
 * @returns the exit code; never throws
 */
export async function runCommand(plugins: readonly ProviderPlugin[], surroundings: Surroundings): Promise<number> {
  const { args, version, out, strayError } = surroundings;
  let flags: Flags | undefined;
  try {
    flags = readFlags(args);
    if (flags.kind === "help") out(helpText(version));
    if (flags.kind === "version") out(`${version}\n`);
    if (flags.kind !== "run") return 0;
    const work = fetchSecrets(plugins, flags, surroundings);
    const round = await (strayError === undefined ? work : Promise.race([work, strayError]));
    return end(round, flags, surroundings);
  } catch (error) {
    const terminationLog = flags?.kind === "run" ? flags.terminationLog : undefined;
    return end(failedBy(asFailure(error)), { terminationLog }, surroundings);
  }
}

async function fetchSecrets(
  plugins: readonly ProviderPlugin[],
  flags: RunFlags,
  { env, stop, say }: Surroundings,
): Promise<Pick<RoundEnd, "exit" | "report">> {
  const started = systemClock.elapsed();
  const request = await prepareRequest(await requestText(flags, env), plugins);
  const pace = { clock: systemClock, random: Math.random, stop };
  if (flags.watch) {
    say(`pod-secrets-fetch: refreshes ${request.items.length} secrets every ${request.refresh / 1000} s`);
    const refresh = (): Promise<RoundEnd> => withHost(env, (host) => refreshRound(request, { ...pace, host }));
    await watchSecrets(request, pace, refresh, say);
    return { exit: 0 };
  }
  const round = await withHost(env, (host) => runRound(request, { ...pace, host }));
  if (round.exit !== 0) return round;
  const milliseconds = Math.round(systemClock.elapsed() - started);
  say(`pod-secrets-fetch: ${request.items.length} secrets, ${round.written} files written, in ${milliseconds} ms`);
  return round;
}

/** Connections and authorities of one round: a mounted authority may be another in the next. */
async function withHost<Result>(
  env: Readonly<Record<string, string | undefined>>,
  work: (host: ProviderHost) => Promise<Result>,
): Promise<Result> {
  const client = createHttpClient(env);
  try {
    return await work({ http: client.http, now: () => systemClock.now(), env, readFile: readSmallFile });
  } finally {
    client.close();
  }
}

async function requestText(
  { request: file }: RunFlags,
  env: Readonly<Record<string, string | undefined>>,
): Promise<string> {
  if (file !== undefined) return new TextDecoder().decode(await readRequestFile(file));
  return requestInEnv(env);
}

async function readRequestFile(path: string): Promise<Uint8Array> {
  try {
    return await readSmallFile(path);
  } catch (error) {
    const { message, fix } = asFailure(error);
    throw new FetchFailure("wrong-request", `the request cannot be read: ${message}`, fix);
  }
}

function end(
  { exit, report }: Pick<RoundEnd, "exit" | "report">,
  { terminationLog }: Pick<RunFlags, "terminationLog">,
  { say }: Surroundings,
): number {
  if (report === undefined) return exit;
  say(report);
  writeTerminationMessage(report, terminationLog);
  return exit;
}

/** Text of an error that nobody expected is not shown: it may hold a value. */
function asFailure(error: unknown): FetchFailure {
  if (isFetchFailure(error)) return error;
  const place = error instanceof Error ? /\(?([\w.-]+\.m?[jt]s:\d+:\d+)\)?$/m.exec(error.stack ?? "")?.[1] : undefined;
  const where = place === undefined ? "" : ` at ${place}`;
  return new FetchFailure("internal", `${FAILURES.internal.summary.toLowerCase()}${where}`, "Report it as a bug.");
}
