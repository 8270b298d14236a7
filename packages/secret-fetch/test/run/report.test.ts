import { describe, expect, test } from "vitest";

import { FetchFailure } from "../../src/failure.ts";
import type { FailedItem } from "../../src/run/outputs.ts";
import { reportItems } from "../../src/run/report.ts";

const failed = (name: string, failure = new FetchFailure("denied", "it is denied", "Mend it.")): FailedItem => ({
  name,
  provider: "aws",
  kind: "aws-secretsmanager",
  failure,
  attempts: 1,
});
const many = (count: number, failure?: FetchFailure): readonly FailedItem[] =>
  Array.from({ length: count }, (_value, index) => failed(`s${index}`, failure));

describe("the line about many secrets", () => {
  test("explains as many as there is room for, and names the others", () => {
    const line = reportItems(many(100), 200);
    expect(Buffer.byteLength(line)).toBeLessThanOrEqual(4096);
    const explained = [...line.matchAll(/ \(\d+\) fetch\/denied: secret "s\d+" from aws \(aws-secretsmanager\): /g)]
      .length;
    expect(line).toContain(` And: "s${explained}": denied, "s${explained + 1}": denied`);
    expect(line).toMatch(/"s99": denied\.$/);
    expect(explained).toBeGreaterThan(20);
  });

  test("explains the first also when there is no room for all names", () => {
    const line = reportItems(many(1000), 1000);
    expect(Buffer.byteLength(line)).toBeLessThanOrEqual(4096);
    expect(line).toMatch(/ \(1\) fetch\/denied: secret "s0" .* Fix: Mend it\. And: "s1": denied, .*…$/);
  });

  test("costs no more than what it shows: memory is scarce", () => {
    let read = 0;
    const failure = new FetchFailure("denied", "", "Mend it.");
    Object.defineProperty(failure, "message", { get: () => "x".repeat((read++, 1000)) });
    reportItems(many(1000, failure), 1000);
    expect(read).toBeLessThan(10);
  });
});
