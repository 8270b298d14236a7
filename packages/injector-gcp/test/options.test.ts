import { expect, test } from "vitest";

import { gcpOptions } from "../src/index.ts";

const FETCH = { mode: "fetch", fetcher: { image: "a" } };

test.each([
  [{ settings: {} }, ["settings"]],
  [{ ...FETCH, settings: { project: "X" } }, ["settings", "project"]],
  [{ ...FETCH, settings: { url: "https://" } }, ["settings", "url"]],
  [{ ...FETCH, settings: { credentialsFile: "a" } }, ["settings", "credentialsFile"]],
  [{ ...FETCH, settings: { region: "a" } }, ["settings"]],
])("options %j are refused, and the place is named", (options, path) => {
  expect(gcpOptions.safeParse(options).error?.issues).toMatchObject([{ path }]);
});
