/** Gauges and counters of which somebody else keeps the number, asked for it when they are scraped. */
import { Counter, Gauge, type Registry } from "prom-client";

/** Where metrics are registered. */
export type Registers = Registry[];

/** A gauge that is read when it is scraped. */
export function gauge(name: string, help: string, read: () => number, registers: Registers): void {
  const metric: Gauge = new Gauge({ name, help, registers, collect: () => metric.set(read()) });
}

/** A counter that somebody else counts. */
export function counter(name: string, help: string, read: () => number, registers: Registers): void {
  const metric: Counter = new Counter({
    name,
    help,
    registers,
    collect: () => {
      metric.reset();
      metric.inc(read());
    },
  });
}

/** Counts by outcome that somebody else keeps. */
export function outcomeCounter(
  name: string,
  help: string,
  read: () => Readonly<Record<string, number>>,
  registers: Registers,
): void {
  const metric: Counter<"outcome"> = new Counter({
    name,
    help,
    labelNames: ["outcome"],
    registers,
    collect: () => {
      metric.reset();
      for (const [outcome, count] of Object.entries(read())) metric.inc({ outcome }, count);
    },
  });
}

/** Lets the first `limit` values through; all others become one. */
export function boundedLabel(limit: number): (value: string) => string {
  const seen = new Set<string>();
  return (value) => {
    if (seen.has(value)) return value;
    if (seen.size >= limit) return "other";
    seen.add(value);
    return value;
  };
}
