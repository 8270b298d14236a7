import { describe } from "vitest";

import { describeApi } from "./api-contract.ts";
import { createApiInMemory } from "./api-in-memory.ts";

describe("the API in memory does what the real one does", () => {
  const { client } = createApiInMemory();
  describeApi(() => ({ client, namespace: "flyte" }));
});
