/** What may stand in a request about Google Cloud. */
import { describe, expect, test } from "vitest";
import * as z from "zod/mini";

import { gcpSecretManager } from "../../../src/providers/gcp-secretmanager/provider.ts";
import { fetchBy, settingsOf } from "./rig.ts";

const parse = (source: object): unknown => z.parse(gcpSecretManager.source, source);

describe("a source", () => {
  test.each([
    "db",
    "DB_password-2",
    "x".repeat(255),
    "projects/orders-prod/secrets/db",
    "projects/123456789012/secrets/db",
    "projects/example.com:orders/secrets/db",
    "projects/orders-prod/locations/europe-west3/secrets/db",
  ])("names a secret as %s", (secret) => {
    expect(parse({ secret })).toEqual({ secret, version: "latest" });
  });

  test.each(["latest", "1", "9223372036854775807", "prod", "release-2_b"])("names a version as %s", (version) => {
    expect(parse({ secret: "db", version })).toEqual({ secret: "db", version });
  });

  test.each<[string, object]>([
    ["no secret", {}],
    ["an empty secret", { secret: "" }],
    ["a name that is too long", { secret: "x".repeat(256) }],
    ["a name with a dot", { secret: "db.eu" }],
    ["a name with a line end", { secret: "db\n" }],
    ["a name that leaves its place", { secret: "projects/orders-prod/secrets/.." }],
    ["a name with a version in it", { secret: "projects/orders-prod/secrets/db/versions/1" }],
    ["a name with a query", { secret: "projects/orders-prod/secrets/db?alt=media" }],
    ["a project that leaves its place", { secret: "projects/../secrets/db" }],
    ["a project with a slash", { secret: "projects/a/b/secrets/db" }],
    ["a location with a dot, which would be another host", { secret: "projects/1/locations/evil.example/secrets/db" }],
    ["a location with a slash", { secret: "projects/1/locations/a/b/secrets/db" }],
    ["version 0", { secret: "db", version: "0" }],
    ["a version that leaves its place", { secret: "db", version: "../1" }],
    ["a version that is no text", { secret: "db", version: 1 }],
    ["a version with a method", { secret: "db", version: "1:destroy" }],
    ["control characters in the key", { secret: "db", jsonKey: "a\nb" }],
    ["what it does not know", { secret: "db", project: "orders-prod" }],
  ])("is refused with %s", (_what, source) => {
    expect(() => parse(source)).toThrow(z.core.$ZodError);
  });
});

describe("settings", () => {
  test("may be empty", () => {
    expect(settingsOf({})).toEqual({ allowHttp: false });
  });

  test.each<[string, object]>([
    ["an address with a password", { url: "https://user:password@secrets.example.com" }],
    ["an address with a query", { url: "https://secrets.example.com/?a=b" }],
    ["a project that is none", { project: "Orders Prod" }],
    ["a file that is anywhere", { credentialsFile: "key.json" }],
    ["the key itself", { credentials: {} }],
  ])("are refused with %s", (_what, settings) => {
    expect(() => settingsOf(settings)).toThrow(z.core.$ZodError);
  });

  test("let nothing travel in the clear to another machine, unless told so", () => {
    const open = { url: "http://secrets.example.com" };
    expect(() => fetchBy(open)).toThrow(/^url is not encrypted/);
    expect(() => fetchBy({ ...open, allowHttp: true })).not.toThrow();
  });
});
