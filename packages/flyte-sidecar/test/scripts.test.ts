import { expect, test } from "vitest";

import { orderOf, scriptSidecar } from "../src/index.ts";

const SIDECAR = scriptSidecar(
  { volume: "vending-secret-vol", namePrefix: "vending-pull-secret-" },
  (script) => /^vend \S+ > (\S+)$/.exec(script)?.[1],
);

test("what a puller's script fetches, and to where, is read off the container", () => {
  const container = { name: "vending-pull-secret-0", ...orderOf("vend a > /b") };
  expect(container).toMatchObject({ command: ["sh", "-ec", "vend a > /b"] });
  expect(SIDECAR.pullOf(container)).toEqual({ secret: "vend a > /b", file: "/b" });
});

test.each([
  [["sh", "-ec", "true"]],
  [["sh", "-c", "vend a > /b"]],
  [["bash", "-ec", "vend a > /b"]],
  [["sh", "-ec", "vend a > /b", "more"]],
  [["sh", "-ec"]],
  [undefined],
])("a container with the command %j is no puller", (command) => {
  const container = { name: "vending-pull-secret-0", ...(command === undefined ? {} : { command }) };
  expect(SIDECAR.pullOf(container)).toBeUndefined();
});
