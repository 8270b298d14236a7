import { expect, test } from "vitest";

import { gcpOptions } from "../src/index.ts";

const FETCH = { mode: "fetch", fetcher: { image: "a" } };

test.each([
  [{ settings: {} }, ["settings"]],
  [{ ...FETCH, settings: { project: "X" } }, ["settings", "project"]],
  [{ ...FETCH, settings: { url: "https://" } }, ["settings", "url"]],
  [{ ...FETCH, settings: { url: "http://169.254.169.254" } }, ["settings", "url"]],
  [{ ...FETCH, settings: { metadataUrl: "http://metadata.example.com" } }, ["settings", "metadataUrl"]],
  [{ ...FETCH, settings: { credentialsFile: "a" } }, ["settings", "credentialsFile"]],
  [{ ...FETCH, settings: { region: "a" } }, ["settings"]],
])("options %j are refused, and the place is named", (options, path) => {
  expect(gcpOptions.safeParse(options).error?.issues).toMatchObject([{ path }]);
});

test.each(["http://metadata.google.internal", "http://169.254.169.254", "http://[fd20:ce::254]"])(
  "Google's metadata server may be named as %s: it knows no TLS",
  (metadataUrl) => {
    expect(gcpOptions.safeParse({ ...FETCH, settings: { metadataUrl } })).toMatchObject({ success: true });
  },
);
