import { expect, test } from "vitest";
import * as z from "zod";

import { serverUrl, withPrivateWays } from "../src/index.ts";

const FIELDS = z.strictObject({
  url: serverUrl.optional(),
  metadataUrl: serverUrl.optional(),
  endpoints: z.strictObject({ sts: serverUrl.optional() }).optional(),
  note: z.string().optional(),
  allowHttp: z.boolean().optional(),
});
const ON_NODE = new Set(["169.254.169.254"]);
const SETTINGS = withPrivateWays(withPrivateWays(FIELDS, [["url"], ["endpoints", "sts"]]), [["metadataUrl"]], ON_NODE);

test.each([
  [{ url: "http://vending.example.com" }, [["url"]]],
  [{ url: "http://10.0.0.1", allowHttp: false }, [["url"]]],
  [{ endpoints: { sts: "http://127.0.0.1.example.com" } }, [["endpoints", "sts"]]],
  [{ metadataUrl: "http://metadata.example.com" }, [["metadataUrl"]]],
  [{ url: "http://169.254.169.254" }, [["url"]]],
  [{ url: "http://a.example.com", endpoints: { sts: "http://b.example.com" } }, [["url"], ["endpoints", "sts"]]],
])("%j is refused, and each server that anybody could listen to is named", (settings, paths) => {
  const issues = SETTINGS.safeParse(settings).error?.issues ?? [];
  expect(issues.map(({ path }) => path)).toEqual(paths);
  for (const { path, ...issue } of issues) {
    const fix = `Write https: in place of http:, or, for a test alone, set allowHttp: true beside ${String(path[0])}.`;
    expect(issue).toMatchObject({ message: "is not encrypted: everybody on the way could listen", params: { fix } });
  }
});

test.each([
  {},
  { url: "https://vending.example.com" },
  { url: "http://vending.example.com", allowHttp: true },
  { url: "http://127.0.0.1:8080", endpoints: { sts: "http://localhost" } },
  { url: "http://[::1]" },
  { metadataUrl: "http://169.254.169.254" },
  { note: "http://vending.example.com" },
])("%j is taken", (settings) => {
  expect(SETTINGS.safeParse(settings)).toEqual({ success: true, data: settings });
});
