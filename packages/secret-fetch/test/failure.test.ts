import { expect, test } from "vitest";

import { FAILURES, FetchFailure, isFetchFailure } from "../src/failure.ts";

test("every kind of failure ends the program with a code of its own", () => {
  const codes = Object.values(FAILURES).map(({ exit }) => exit);
  expect(new Set(codes).size).toBe(codes.length);
  // 0 is success, 1 and 2 are Node's and the shell's, above 125 a shell reads signals.
  expect(codes.every((code) => code > 2 && code < 126)).toBe(true);
});

test("only what may go away by itself is tried again", () => {
  const retried = Object.entries(FAILURES).flatMap(([kind, entry]) => (entry.retried ? [kind] : []));
  expect(retried).toEqual(["throttled", "unavailable", "timeout"]);
});

test("a failure of another copy of the package is known by its brand", () => {
  const foreign = Object.defineProperty(new Error("x"), Symbol.for("@pod-secrets/fetch-failure"), { value: true });
  expect(isFetchFailure(foreign)).toBe(true);
  expect(isFetchFailure(new FetchFailure("denied", "no", "Ask."))).toBe(true);
});

test.each([[new Error("x")], ["x"], [undefined], [null], [{ kind: "denied" }]])("%o is no failure", (value) => {
  expect(isFetchFailure(value)).toBe(false);
});
