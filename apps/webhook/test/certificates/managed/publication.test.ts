import { setImmediate as turn } from "node:timers/promises";
import { expect, test, vi } from "vitest";

import { createPublication } from "../../../src/certificates/managed/publication.ts";

/** A registration that holds what the test says, when it says so. */
function registration() {
  const calls: ((holding: AbortSignal) => void)[] = [];
  const onAnswer = vi.fn<() => void>();
  const publication = createPublication(() => new Promise((resolve) => void calls.push(resolve)), onAnswer);
  const arrives = async (call: number, holding = new AbortController()): Promise<AbortController> => {
    calls[call]?.(holding.signal);
    await turn();
    return holding;
  };
  return { publication, arrives, onAnswer };
}

test("a bundle is held once the registration has it, and not before", async () => {
  const { publication, arrives } = registration();
  expect(publication.of("a")).toBe("unasked");
  publication.ask("a");
  expect(publication.of("a")).toBe("asked");
  await arrives(0);
  expect(publication.of("a")).toBe("holds");
});

test("a bundle is not taken for held while another one is on its way to its place", async () => {
  const { publication, arrives } = registration();
  publication.ask("a");
  await arrives(0);
  publication.ask("b");
  expect(publication.of("a")).toBe("unasked");
  publication.ask("a");
  await arrives(1);
  expect([publication.of("a"), publication.of("b")]).toEqual(["asked", "unasked"]);
  await arrives(2);
  expect(publication.of("a")).toBe("holds");
});

test("one that the registration had to be given again is asked for again, so that its time counts anew", async () => {
  const { publication, arrives, onAnswer } = registration();
  publication.ask("a");
  const holding = await arrives(0);
  onAnswer.mockClear();
  holding.abort();
  expect(publication.of("a")).toBe("unasked");
  expect(onAnswer).toHaveBeenCalledOnce();
});

test("one that was gone before anybody heard of it is not held", async () => {
  const { publication, arrives } = registration();
  const gone = new AbortController();
  gone.abort();
  publication.ask("a");
  await arrives(0, gone);
  expect(publication.of("a")).toBe("unasked");
});

test.each([
  ["confirmed when it was there all the time", "the same", true],
  ["not confirmed when it was away meanwhile", "another one", false],
])("one that is held is %s", async (_, which, isConfirmed) => {
  const { publication, arrives } = registration();
  publication.ask("a");
  const holding = await arrives(0);
  const confirmed = publication.confirm("a");
  await arrives(1, which === "the same" ? holding : new AbortController());
  expect(await confirmed).toBe(isConfirmed);
});
