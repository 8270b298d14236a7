/** For which names the API server takes a certificate. */
import { describe, expect, test } from "vitest";

import { calledHost } from "../../src/certificates/called-host.ts";
import { misfit } from "../../src/certificates/called-name.ts";
import { makeSelfSigned } from "../../src/certificates/self-signed.ts";

const SERVICE = "webhook.flyte.svc";

async function misfitOf(names: readonly string[], host: string, commonName = "x") {
  const { certificate } = await makeSelfSigned(Date.now(), { usage: "server", commonName, names });
  return misfit(certificate, host, '"/certs/tls.crt"');
}

describe("a certificate", () => {
  test.each([
    [["a.example.com", SERVICE], SERVICE],
    [["*.flyte.svc"], SERVICE],
    [["WEBHOOK.flyte.svc"], SERVICE],
    [["127.0.0.1"], "127.0.0.1"],
    [["::1"], "0:0::1"],
  ])("for %j is for %s", async (names, host) => {
    expect(await misfitOf(names, host)).toBeUndefined();
  });
  test.each([
    ["another namespace", ["webhook.other.svc"], SERVICE],
    ["the Service without its namespace", ["webhook", "webhook.flyte"], SERVICE],
    ["a part of a label", ["web*.flyte.svc"], SERVICE],
    ["several labels", ["*.svc"], SERVICE],
    ["an address as a DNS name", ["localhost"], "127.0.0.1"],
    ["another address", ["127.0.0.2"], "127.0.0.1"],
    ["no name", [], SERVICE],
  ])("for %s is not", async (_, names, host) => {
    expect(await misfitOf(names, host)).toMatchObject({ ok: false });
  });
  test("with the name as its common name alone is not: Go has not looked at that since 1.15", async () => {
    expect(await misfitOf(["a.example.com"], SERVICE, SERVICE)).toMatchObject({ ok: false });
  });
  test("that does not fit is told in one line: wanted, found, and what to do", async () => {
    expect(await misfitOf(["b.example.com", "10.0.0.1"], SERVICE)).toEqual({
      ok: false,
      message:
        '"/certs/tls.crt" is not for "webhook.flyte.svc", by which the API server is to call this webhook, ' +
        'but for "b.example.com", "10.0.0.1"',
      fix: "Issue it for the name webhook.flyte.svc, or correct `registration.service`, `registration.url` or `kubernetes.namespace`.",
    });
    const many = Array.from({ length: 20 }, (__, index) => `n${index}.example.com`);
    expect((await misfitOf(many, SERVICE))?.message).toMatch(/"n7\.example\.com" and 12 more$/);
    expect((await misfitOf([], SERVICE))?.message).toMatch(/, but for no name$/);
  });
});

test.each([
  [{}, "flyte-pod-webhook.flyte.svc"],
  [{ service: { name: "webhook", port: 8443 } }, SERVICE],
  [{ url: "https://webhook.example.com:9443" }, "webhook.example.com"],
  [{ url: "https://[::1]:9443" }, "::1"],
])("by registration %j the API server calls %s", (registration, host) => {
  expect(calledHost(registration, "flyte")).toBe(host);
});
