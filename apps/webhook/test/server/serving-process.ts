/** `pod-secrets serve` as a process of its own. */
import { once } from "node:events";
import { get } from "node:http";
import { request, type Agent } from "node:https";
import { text } from "node:stream/consumers";
import { expect, onTestFinished } from "vitest";

import { start, type ProcessOptions } from "../cli/built-command.ts";
import { linesOf } from "../cli/running.ts";
import { A_SECRET, podWith, reviewOf } from "./reviews.ts";
import { API_SERVER_HEADERS, REVIEW_PATH } from "./started-webhook.ts";

export const PORTS = ["--host", "127.0.0.1", "--port", "0", "--operations-port", "0"];

export interface ServingProcess {
  readonly port: number;
  readonly operationsPort: number;
  post(ca: string): Promise<{ readonly allowed: boolean; readonly patch?: string }>;
  operations(path: string): Promise<string>;
  signal(signal: NodeJS.Signals): void;
  /** Lines logged so far, without the one that says of a slow machine that the start takes longer than a moment. */
  logged(): readonly Record<string, unknown>[];
  readonly exit: Promise<number | null>;
}

/** Starts `serve` and waits until it says that it serves. */
export async function startServing(
  program: string,
  args: readonly string[],
  options: ProcessOptions = {},
): Promise<ServingProcess> {
  const child = start(program, ["serve", ...PORTS, ...args], options);
  onTestFinished(() => void child.kill("SIGKILL"));
  const exit = once(child, "close").then(([code]) => code as number | null);
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
  const complaints = text(child.stderr);
  const logged = (): readonly Record<string, unknown>[] =>
    linesOf(output.slice(0, output.lastIndexOf("\n") + 1))
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .filter(({ message }) => message !== "waiting");
  const serving = (): Record<string, unknown> | undefined => logged().find(({ message }) => message === "serving");
  const ended = exit.then(async (code): Promise<never> => {
    throw new Error(`serve ended with ${code}: ${await complaints}`);
  });
  ended.catch(() => {});
  const begun = async (): Promise<void> => {
    await expect.poll(serving, { interval: 10, timeout: 50_000 }).toBeDefined();
  };
  await Promise.race([begun(), ended]);
  const { port, operationsPort } = serving() as { port: number; operationsPort: number };
  return {
    port,
    operationsPort,
    post: (ca) => postReview(port, ca),
    operations: (path) => getText(operationsPort, path),
    signal: (signal) => void child.kill(signal),
    logged,
    exit,
  };
}

/** What the port of probes and metrics says. */
export async function getText(port: number, path: string): Promise<string> {
  const [response] = (await once(get({ port, path, agent: false }), "response")) as [NodeJS.ReadableStream];
  return text(response);
}

export async function postReview(
  port: number,
  ca: string,
  { review = reviewOf(podWith(A_SECRET)), agent }: { readonly review?: string; readonly agent?: Agent } = {},
): Promise<{ readonly allowed: boolean; readonly patch?: string }> {
  const options = { host: "127.0.0.1", port, ca, path: REVIEW_PATH, method: "POST", headers: API_SERVER_HEADERS };
  const sent = request({ ...options, agent: agent ?? false }).end(review);
  const [response] = (await once(sent, "response")) as [NodeJS.ReadableStream];
  return (JSON.parse(await text(response)) as { response: { allowed: boolean } }).response;
}
