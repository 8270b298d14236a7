import { expect, test } from "vitest";

import { createShedOrder, type ShedOrder, type Sheddable } from "../../src/server/shed-order.ts";

interface Named extends Sheddable {
  readonly name: string;
}

const INCOMPLETE = { complete: false };
const resting = (name: string, isTrusted = false): Named => ({
  ...{ name, isTrusted, requests: 0, answers: 0, request: undefined, began: 0 },
});
const receiving = (name: string, began: number, more: Partial<Named> = {}): Named => ({
  ...{ ...resting(name), requests: 1, request: INCOMPLETE, began, ...more },
});

/** The names of those that go, one after the other. */
function gone(order: ShedOrder<Named>, now: number): readonly string[] {
  const names: string[] = [];
  for (let next = order.shift(now); next !== undefined; next = order.shift(now))
    names.push(`${next.connection.name}: ${next.shed}`);
  return names;
}

test("strangers go before trusted ones, resting ones before those that send, and each kind in its order", () => {
  const order = createShedOrder<Named>();
  order.receive(receiving("trusted, sending", 0, { isTrusted: true }));
  order.receive(receiving("sending 1", 1));
  order.receive(receiving("sending 2", 2));
  order.rest(resting("trusted", true));
  order.rest(resting("idle 1"));
  order.rest(resting("idle 2"));
  expect(gone(order, 5000)).toEqual([
    ...["idle 1: idle", "idle 2: idle", "sending 1: incomplete", "sending 2: incomplete"],
    ...["trusted: idle", "trusted, sending: incomplete"],
  ]);
});

test("a trusted one has a second to send its request, and a stranger has none", () => {
  const order = createShedOrder<Named>();
  order.receive(receiving("trusted", 4500, { isTrusted: true }));
  order.receive(receiving("stranger", 5000));
  expect(gone(order, 5000)).toEqual(["stranger: incomplete"]);
  expect(gone(order, 5499)).toEqual([]);
  expect(gone(order, 5500)).toEqual(["trusted: incomplete"]);
});

test("one whose request is complete never goes, not even beside others that go", () => {
  const order = createShedOrder<Named>();
  order.receive(receiving("complete", 0, { request: { complete: true } }));
  order.receive(receiving("a second one sends while the first is being answered", 0, { requests: 2 }));
  order.receive(receiving("the first one's answer is handed over", 0, { requests: 2, answers: 1 }));
  expect(gone(order, 5000)).toEqual(["the first one's answer is handed over: incomplete"]);
});

test("the answer is being waited for until the last moment: what becomes complete stays", () => {
  const order = createShedOrder<Named>();
  const request = { complete: false };
  order.receive(receiving("sent in time", 0, { request }));
  request.complete = true;
  expect(gone(order, 5000)).toEqual([]);
});

test("one that has ended goes no more", () => {
  const order = createShedOrder<Named>();
  const [idle, sending] = [resting("idle"), receiving("sending", 0)];
  order.rest(idle);
  order.receive(sending);
  order.remove(idle);
  order.remove(sending);
  expect(gone(order, 5000)).toEqual([]);
});
