import { expect, test } from "vitest";

import { azureOptions } from "../src/index.ts";

const FETCH = { mode: "fetch", fetcher: { image: "a" } };

test.each([
  [{ settings: {} }, ["settings"]],
  [{ ...FETCH, settings: { vault: "https://" } }, ["settings", "vault"]],
  [{ ...FETCH, settings: { tenantId: "a/b" } }, ["settings", "tenantId"]],
  [{ ...FETCH, settings: { clientId: "me" } }, ["settings", "clientId"]],
  [{ ...FETCH, settings: { tokenFile: "a" } }, ["settings", "tokenFile"]],
  [{ ...FETCH, settings: { secret: "a" } }, ["settings"]],
])("options %j are refused, and the place is named", (options, path) => {
  expect(azureOptions.safeParse(options).error?.issues).toMatchObject([{ path }]);
});
