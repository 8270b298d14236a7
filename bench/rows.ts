/** What is measured, and what the figures must say. */
import type { PodShape } from "./reviews.ts";

export interface Row {
  readonly name: string;
  readonly shape: PodShape;
  /** Most CPU per admission, as a multiple of the floor of the same run. */
  readonly target?: number;
}

const small = { containers: 1, secrets: 1, mount: "ENV_VAR", bytes: 5000 } as const;

/** The pods that the targets are about. */
export const ROWS: readonly Row[] = [
  { name: "5 kB, no secret", shape: { ...small, secrets: 0 } },
  { name: "5 kB, 1 secret as env var", shape: small, target: 2 },
  { name: "5 kB, 1 secret as file", shape: { ...small, mount: "FILE" }, target: 2 },
  { name: "6 kB, 10 secrets", shape: { ...small, secrets: 10, bytes: 6000 } },
  {
    name: "54 kB, 31 containers, 10 secrets",
    shape: { ...small, containers: 31, secrets: 10, bytes: 54_000 },
    target: 6,
  },
  { name: "18 kB, 100 secrets", shape: { ...small, secrets: 100, bytes: 18_000 }, target: 6 },
];

/** Rows that differ in one number only: the cost must grow with it, and not faster. */
export interface Series {
  readonly name: string;
  readonly counts: readonly number[];
  readonly shape: (count: number) => PodShape;
}

export function series(short: boolean): readonly Series[] {
  return [
    {
      name: "secrets",
      counts: short ? [10, 50, 100] : [1, 10, 25, 50, 100],
      shape: (secrets) => ({ ...small, secrets, bytes: 0 }),
    },
    {
      name: "containers",
      counts: short ? [1, 30] : [1, 5, 10, 20, 30],
      shape: (containers) => ({ ...small, containers, secrets: 10, bytes: 0 }),
    },
  ];
}

export const TARGETS = {
  /** p99 at the fixed rate, as a multiple of that of the server that parses the review and writes it again. */
  p99: 1.5,
  /** Resident memory after the load, in MB. */
  rss: 80,
  /** From the start of the process to the line that says that it serves, in milliseconds. */
  ready: 150,
  /** Cost of one more at the end of a series, as a multiple of that at its start. */
  linear: 1.5,
} as const;

/** Requests per second at which latency is measured. */
export const FIXED_RATE = 300;
/** Kept connections, a third of what an API server keeps. */
export const CONNECTIONS = 8;
