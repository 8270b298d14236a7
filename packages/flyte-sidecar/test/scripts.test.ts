import type { Container } from "@pod-secrets/core";
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

test.each([["sh -ec true"], [{}], [["sh", "-ec", 1]], [null]])(
  "a command that is no list of texts is none of a puller: %j",
  (command) => {
    const container = { name: "vending-pull-secret-0", command } as unknown as Container;
    expect(SIDECAR.pullOf(container)).toBeUndefined();
  },
);

test("a script is read once, whatever its container gets", () => {
  const scripts: string[] = [];
  const sidecar = scriptSidecar({ volume: "v", namePrefix: "p-" }, (script) => {
    scripts.push(script);
    return undefined;
  });
  const container = { name: "p-0", ...orderOf("mine") };
  for (const value of ["a", "b", "c"]) sidecar.pullOf({ ...container, env: [{ name: "A", value }] });
  expect(scripts).toEqual(["mine"]);
});
