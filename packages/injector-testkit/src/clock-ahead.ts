/**
 * Runs work with `Date` ahead of the real time, in milliseconds. Timers go on as they are.
 */
export async function withClockAhead<T>(milliseconds: number, work: () => T | Promise<T>): Promise<T> {
  const RealDate = globalThis.Date;
  globalThis.Date = new Proxy(RealDate, {
    construct: (target, parameters: unknown[], newTarget) =>
      Reflect.construct(
        target,
        parameters.length === 0 ? [RealDate.now() + milliseconds] : parameters,
        newTarget as () => unknown,
      ) as Date,
    apply: () => new RealDate(RealDate.now() + milliseconds).toString(),
    get: (target, name) =>
      name === "now" ? () => RealDate.now() + milliseconds : (Reflect.get(target, name) as unknown),
  });
  try {
    return await work();
  } finally {
    globalThis.Date = RealDate;
  }
}
