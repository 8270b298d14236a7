/**
 * The addresses of a cluster. Each run has a /24 network of its own in 10.201.0.0/16: a link between this machine and
 * the node in its first quarter, the pods in its second half.
 */
import { spawnSync } from "node:child_process";
import { randomInt } from "node:crypto";

export interface Network {
  readonly number: number;
  /** This machine, as the node and its pods see it. */
  readonly host: string;
  readonly node: string;
  readonly linkCidr: string;
  readonly podCidr: string;
  readonly podGateway: string;
}

/** Cluster IPs of Services: the same for each run, since they mean something on the node only. */
export const SERVICE_CIDR = "10.96.0.0/16";
/** Of the Service `kubernetes`: the first one of the range. */
export const KUBERNETES_SERVICE = "10.96.0.1";

export function networkOf(number: number): Network {
  const prefix = `10.201.${number}`;
  return {
    number,
    host: `${prefix}.1`,
    node: `${prefix}.2`,
    linkCidr: `${prefix}.0/30`,
    podCidr: `${prefix}.128/25`,
    podGateway: `${prefix}.129`,
  };
}

/** One that nobody has: neither another run nor a route of this machine. */
export function pickNetwork(taken: readonly number[]): number {
  const { stdout } = spawnSync("ip", ["-4", "route", "show"], { encoding: "utf8" });
  const routed = (stdout ?? "").matchAll(/\b10\.201\.(\d+)\./g);
  const used = new Set([...taken, ...[...routed].map(([, number]) => Number(number))]);
  const free = Array.from({ length: 256 }, (_, number) => number).filter((number) => !used.has(number));
  return free[randomInt(Math.max(free.length, 1))] ?? 0;
}
