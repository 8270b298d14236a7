/**
 * What can go wrong between the program and a secret. Whatever it is: the pod does not start, nothing is written, and
 * one line says what and how to mend it, without the value.
 */
import { describe, expect, onTestFinished, test } from "vitest";

import { FAILURES } from "../src/failure.ts";
import { builtInProviders } from "../src/providers/built-in.ts";
import { runRound } from "../src/run/round.ts";
import { ANSWERS } from "./faults/answers.ts";
import { IDENTITY } from "./faults/identity.ts";
import { NETWORK } from "./faults/network.ts";
import { PROGRAM, REQUESTS, VALUES } from "./faults/request.ts";
import { OTHER, VALUE, requestOf, setStage, type Row } from "./faults/stage.ts";
import { STORE } from "./faults/store.ts";
import { TLS } from "./faults/tls.ts";
import { STATIC } from "./rig/aws-server.ts";
import { testHost } from "./rig/host.ts";
import { prepared, testRound } from "./rig/round.ts";
import { contentOf } from "./rig/volume.ts";

const ROWS = [...NETWORK, ...TLS, ...ANSWERS, ...STORE, ...IDENTITY, ...REQUESTS, ...VALUES, ...PROGRAM];

async function expectClosed(row: Row, required: boolean): Promise<void> {
  const { stage, use } = await setStage();
  await row.arrange(stage);
  const host = testHost(stage);
  onTestFinished(() => host.close());
  const round = testRound(host);
  use(round);
  const before = contentOf(stage.volume);
  const end = await runRound(await prepared(requestOf(stage, required), builtInProviders), round.ports);
  expect(end.report).toMatch(row.message);
  expect(end.report).toContain(`fetch/${row.kind}`);
  expect(end).toMatchObject({ exit: FAILURES[row.kind].exit, written: 0 });
  expect(contentOf(stage.volume)).toEqual(before);
  expect(end.report).toMatch(/^[^\n]{1,4000}\. Fix: [^\n]+\.$/);
  for (const secret of [VALUE, OTHER, STATIC.secretAccessKey]) expect(end.report).not.toContain(secret);
}

describe("the pod does not start when", () => {
  test.each(ROWS)("$when", (row) => expectClosed(row, true));
});

describe("a secret that is not required stops the pod too when", () => {
  const known = ROWS.filter(({ kind }) => kind !== "not-found");
  test.each(known)("$when", (row) => expectClosed(row, false));
});

test("there are enough rows, and each has its own words", () => {
  expect(ROWS.length).toBeGreaterThanOrEqual(40);
  expect(new Set(ROWS.map(({ when }) => when)).size).toBe(ROWS.length);
});
