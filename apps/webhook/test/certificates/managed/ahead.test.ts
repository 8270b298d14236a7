import { expect, test, vi } from "vitest";

import { createAhead } from "../../../src/certificates/managed/ahead.ts";
import { FIRST, SECOND } from "./generations.ts";

const making = () => vi.fn<() => Promise<typeof FIRST>>().mockResolvedValueOnce(FIRST).mockResolvedValue(SECOND);

test("what was begun ahead is used, and once", async () => {
  const make = making();
  const ahead = createAhead(make);
  ahead.begin(["a"]);
  ahead.begin(["a"]);
  expect(make).toHaveBeenCalledOnce();
  expect(await ahead.take(["a"])).toBe(FIRST);
  expect(await ahead.take(["a"])).toBe(SECOND);
});

test("what was begun for other names, or is not needed any more, is not used", async () => {
  const ahead = createAhead(making());
  ahead.begin(["a"]);
  expect(await ahead.take(["a", "b"])).toBe(SECOND);
  const dropped = createAhead(making());
  dropped.begin(["a"]);
  dropped.drop();
  expect(await dropped.take(["a"])).toBe(SECOND);
});

test("one that fails is told to whoever takes it, and the next is a new one", async () => {
  const make = vi.fn<() => Promise<typeof FIRST>>().mockRejectedValueOnce(new Error("no")).mockResolvedValue(FIRST);
  const ahead = createAhead(make);
  ahead.begin(["a"]);
  await expect(ahead.take(["a"])).rejects.toThrow("no");
  expect(await ahead.take(["a"])).toBe(FIRST);
});
