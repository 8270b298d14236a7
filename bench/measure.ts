/** CPU per request of several servers, in turns: what else the machine does falls on all of them alike. */
import type { Load } from "./load/load.ts";
import type { Target } from "./load/connection.ts";
import type { MeasuredProcess } from "./measured-process.ts";
import { CONNECTIONS } from "./rows.ts";
import { median } from "./statistics.ts";

export interface Server {
  readonly process: MeasuredProcess;
  readonly target: Target;
}

/** Medians of the turns. */
export interface Cost {
  /** CPU of the server per request, in microseconds. */
  readonly cpu: number;
  /** The same as a multiple of that of the last server in the same turn. */
  readonly ratio: number;
  readonly perSecond: number;
}

/** Times in milliseconds. */
export interface Pace {
  readonly warmUp: number;
  readonly turn: number;
  readonly turns: number;
}

/** @param servers the last one is what the others are compared with */
export async function measureCosts(load: Load, servers: readonly Server[], pace: Pace): Promise<readonly Cost[]> {
  for (const { target } of servers) await flood(load, target, pace.warmUp);
  const turns: Turn[][] = [];
  for (let turn = 0; turn < pace.turns; turn++) turns.push(await takeTurn(load, servers, pace.turn));
  return servers.map((_, index) => ({
    cpu: median(turns.map((turn) => turn[index]?.cpu ?? Number.NaN)),
    ratio: median(turns.map((turn) => (turn[index]?.cpu ?? Number.NaN) / (turn.at(-1)?.cpu ?? Number.NaN))),
    perSecond: median(turns.map((turn) => turn[index]?.perSecond ?? Number.NaN)),
  }));
}

type Turn = Omit<Cost, "ratio">;

async function takeTurn(load: Load, servers: readonly Server[], milliseconds: number): Promise<Turn[]> {
  const turns: Turn[] = [];
  for (const { process, target } of servers) {
    const before = process.cpu();
    const { requests, seconds } = await flood(load, target, milliseconds);
    turns.push({ cpu: (process.cpu() - before) / requests, perSecond: requests / seconds });
  }
  return turns;
}

/** Requests one after the other on each connection. */
export function flood(load: Load, target: Target, milliseconds: number): ReturnType<Load["run"]> {
  return load.run({ target, connections: CONNECTIONS, order: { kind: "flood", milliseconds } });
}
