import { expect, test } from "vitest";

import { MANAGER_NAMES } from "../../src/compose/built-in-injectors.ts";
import { BUILT_IN_MANAGERS } from "../../src/compose/every-built-in.ts";

test("each manager that comes along is listed under its own name", () => {
  expect(BUILT_IN_MANAGERS.map(({ name }) => name)).toEqual(MANAGER_NAMES);
});
