import { expect, test } from "vitest";

import { faultsOf, tablesIn, textOf } from "./documents.ts";

test("docs/reliability.md names, for what must hold, a test that is there", () => {
  const [rows = []] = tablesIn(textOf("docs/reliability.md"));

  expect(rows.length).toBeGreaterThan(10);
  expect(rows.flatMap(([, , cited = ""]) => faultsOf(cited))).toEqual([]);
});
