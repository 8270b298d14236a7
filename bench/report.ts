/** The figures, as a table for people and as one object for programs. */
import type { FetchResult } from "./fetcher/measure.ts";
import { fetchTable } from "./fetcher/table.ts";
import type { Memory } from "./memory.ts";
import { TARGETS } from "./rows.ts";
import { alignedTable } from "./table.ts";

/** CPU in microseconds per request, lengths in bytes. */
export interface RowResult {
  readonly name: string;
  readonly bytes: number;
  readonly answerBytes: number;
  readonly cpu: number;
  readonly floorCpu: number;
  readonly parseCpu: number;
  /** CPU as a multiple of the floor: the median of the turns. */
  readonly ratio: number;
  readonly perSecond: number;
  readonly floorPerSecond: number;
  /** Most CPU, as a multiple of the floor. */
  readonly target?: number;
}

export interface SeriesResult {
  readonly name: string;
  readonly points: readonly { readonly count: number; readonly cpu: number }[];
}

/** In milliseconds. */
export interface Latency {
  readonly p50: number;
  readonly p99: number;
}

export interface Report {
  readonly node: string;
  readonly machine: string;
  /** Processes that wanted to run when the bench ended; above the number of cores, the figures are too high. */
  readonly systemLoad: number;
  readonly rows: readonly RowResult[];
  readonly series: readonly SeriesResult[];
  readonly latency: {
    readonly perSecond: number;
    readonly webhook: Latency;
    readonly parse: Latency;
    readonly floor: Latency;
  };
  /** In milliseconds. */
  readonly ready: number;
  readonly memory: Memory;
  readonly fetches: readonly FetchResult[];
}

/** @returns whether every target is met */
export function printReport(report: Report): boolean {
  const verdicts: boolean[] = [];
  const verdict = (isMet: boolean): string => {
    verdicts.push(isMet);
    return isMet ? "met" : "MISSED";
  };
  const print = (text: string): void => void process.stdout.write(`${text}\n`);
  print(
    `Node ${report.node}, ${report.machine}, load ${report.systemLoad.toFixed(1)}. CPU of the server per admission.\n`,
  );
  print(rowTable(report.rows, verdict));
  print("");
  print(otherTable(report, verdict));
  print("");
  print(fetchTable(report.fetches, verdict));
  print(`\n${verdicts.filter(Boolean).length} of ${verdicts.length} targets met`);
  return verdicts.every(Boolean);
}

type Verdict = (isMet: boolean) => string;

function rowTable(rows: readonly RowResult[], verdict: Verdict): string {
  const header = ["pod", "CPU", "floor", "parse", "x floor", "target", "", "per second"];
  return alignedTable(
    header,
    rows.map(({ name, cpu, floorCpu, parseCpu, ratio, perSecond, target }) => {
      const goal = target === undefined ? ["", ""] : [`<= ${target.toFixed(1)}`, verdict(ratio <= target)];
      return [name, us(cpu), us(floorCpu), us(parseCpu), ratio.toFixed(2), ...goal, perSecond.toFixed(0)];
    }),
  );
}

function otherTable({ latency, ready, memory, series }: Report, verdict: Verdict): string {
  const { webhook, parse, floor, perSecond } = latency;
  const p99 = TARGETS.p99 * parse.p99;
  const rate = `at ${perSecond}/s`;
  const under = memory.limit === undefined ? "without a limit" : `under a limit of ${memory.limit} MiB`;
  return alignedTable(
    ["figure", "value", "target", ""],
    [
      [`p50 ${rate} (floor ${ms(floor.p50)}, parse ${ms(parse.p50)})`, ms(webhook.p50), "", ""],
      [
        `p99 ${rate} (floor ${ms(floor.p99)}, parse ${ms(parse.p99)})`,
        ms(webhook.p99),
        `<= ${ms(p99)}`,
        verdict(webhook.p99 <= p99),
      ],
      [`resident memory ${under}, idle (floor ${mb(memory.floor.idle)})`, mb(memory.webhook.idle), "", ""],
      [
        `resident memory ${under}, after the load (floor ${mb(memory.floor.loaded)})`,
        mb(memory.webhook.loaded),
        `<= ${mb(TARGETS.rss)}`,
        verdict(memory.webhook.loaded <= TARGETS.rss),
      ],
      ["start to ready", ms(ready, 0), `<= ${ms(TARGETS.ready, 0)}`, verdict(ready <= TARGETS.ready)],
      ...series.map((result) => seriesRow(result, verdict)),
    ],
  );
}

/** How the cost of one more changes from the first half of the series to the second. */
function seriesRow({ name, points }: SeriesResult, verdict: Verdict): readonly string[] {
  const costs = points.map(({ count, cpu }) => `${count}: ${us(cpu)}`).join(", ");
  const growth = growthOf(points);
  if (growth === undefined) return [`${name} (${costs})`, "", "", ""];
  const target = `<= ${TARGETS.linear.toFixed(1)}`;
  return [
    `one more of ${name}, last to first (${costs})`,
    growth.toFixed(2),
    target,
    verdict(growth <= TARGETS.linear),
  ];
}

function growthOf(points: SeriesResult["points"]): number | undefined {
  const first = points[0];
  const middle = points[Math.floor((points.length - 1) / 2)];
  const last = points.at(-1);
  if (first === undefined || middle === undefined || last === undefined || points.length < 3) return undefined;
  const slope = (from: typeof first, to: typeof first): number => (to.cpu - from.cpu) / (to.count - from.count);
  return slope(middle, last) / slope(first, middle);
}

function us(value: number): string {
  return `${value.toFixed(0)} us`;
}

function ms(value: number, digits: number = 1): string {
  return `${value.toFixed(digits)} ms`;
}

function mb(value: number): string {
  return `${value.toFixed(0)} MB`;
}
