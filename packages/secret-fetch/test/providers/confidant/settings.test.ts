/** What may stand in a request about Confidant. */
import { describe, expect, test } from "vitest";
import * as z from "zod/mini";

import { confidant } from "../../../src/providers/confidant/provider.ts";
import { testHost } from "../../rig/host.ts";
import { settingsOf } from "./rig.ts";

const KMS = { method: "kmsauth", key: "alias/authnz", to: "confidant-production" };
const BASIC = { method: "basic", userName: "2/service/orders", passwordFile: "/token" };
const GOOD = { url: "https://confidant.example.com", service: "orders-production", auth: KMS };

describe("settings", () => {
  test("need an address and a way to log in", () => {
    expect(settingsOf({ url: GOOD.url, auth: KMS })).toMatchObject({
      auth: { version: 2, tokenMinutes: 10, credentials: ["env", "web-identity", "pod-identity"] },
      allowHttp: false,
    });
    expect(settingsOf({ ...GOOD, auth: BASIC })).toMatchObject({ auth: BASIC });
  });

  test.each<[string, object]>([
    ["an address with a password", { ...GOOD, url: "https://user:password@confidant.example.com" }],
    ["an address of a file", { ...GOOD, url: "file:///etc/passwd" }],
    ["an address with a query", { ...GOOD, url: "https://confidant.example.com/?a=b" }],
    ["a service that leaves its place in the path", { ...GOOD, service: ".." }],
    ["a service with a slash", { ...GOOD, service: "orders/../billing" }],
    ["a service with a line break", { ...GOOD, service: "orders\r\nHost: x" }],
    ["a service with a colon, which ends a user name", { ...GOOD, service: "orders:x" }],
    ["no service, and no role to take it from", { url: GOOD.url, auth: BASIC }],
    ["no way to log in", { url: GOOD.url, service: "orders" }],
    ["another way to log in", { ...GOOD, auth: { ...KMS, method: "none" } }],
    ["the password itself", { ...GOOD, auth: { ...BASIC, password: "hush" } }],
    ["a password's file that is anywhere", { ...GOOD, auth: { ...BASIC, passwordFile: "token" } }],
    ["a key that is none", { ...GOOD, auth: { ...KMS, key: "alias/a b" } }],
    ["a version of tokens that there is not", { ...GOOD, auth: { ...KMS, version: 3 } }],
    ["a token that has ended when it begins", { ...GOOD, auth: { ...KMS, tokenMinutes: 3 } }],
    ["a token for a day", { ...GOOD, auth: { ...KMS, tokenMinutes: 1440 } }],
    ["what they do not know", { ...GOOD, verify: false }],
  ])("refuse %s", (_what, settings) => {
    expect(() => settingsOf(settings)).toThrow(z.core.$ZodError);
  });

  test("let nothing travel in the clear to another machine, unless told so", () => {
    const open = { ...GOOD, url: "http://confidant.example.com" };
    const host = testHost();
    expect(() => confidant.create(settingsOf(open), host)).toThrow(/^url is not encrypted/);
    expect(() => confidant.create(settingsOf({ ...open, allowHttp: true }), host)).not.toThrow();
    host.close();
  });
});

describe("a source", () => {
  const parse = (source: object): unknown => z.parse(confidant.source, source);

  test("is a credential, a key, and at most a revision", () => {
    const source = { credential: "db creds/eu", key: "Pass.word", revision: 3 };
    expect(parse(source)).toEqual(source);
  });

  test.each<[string, object]>([
    ["no credential", { key: "password" }],
    ["no key", { credential: "db" }],
    ["an empty key", { credential: "db", key: "" }],
    ["a revision of none", { credential: "db", key: "password", revision: 0 }],
    ["half a revision", { credential: "db", key: "password", revision: 1.5 }],
    ["a revision in words", { credential: "db", key: "password", revision: "1" }],
    ["control characters", { credential: "d\nb", key: "password" }],
  ])("is refused with %s", (_what, source) => {
    expect(() => parse(source)).toThrow(z.core.$ZodError);
  });
});
