/** Tells somebody who waits what takes so long: one line at a time. */
export type Say = (line: string) => void;

/** Standard output belongs to results. */
export const sayOnStandardError: Say = (line) => void process.stderr.write(`${line}\n`);

/**
 * Says again and again how long something has taken by now, until it is done.
 * @param every milliseconds
 */
export async function sayWhile<Result>(
  say: Say,
  line: (seconds: number) => string,
  every: number,
  work: Promise<Result>,
): Promise<Result> {
  const start = performance.now();
  const timer = setInterval(() => say(line(Math.round((performance.now() - start) / 1000))), every);
  try {
    return await work;
  } finally {
    clearInterval(timer);
  }
}
