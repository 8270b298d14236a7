import { describe, expect, it } from "vitest";

import { findings, goodConfig, warnings } from "./loaded.ts";

describe("server.certificates", () => {
  it("is a directory by default", async () => {
    const { server, initCerts } = await goodConfig("");
    expect(server.certificates).toBe("/etc/webhook/certs");
    expect(initCerts).toEqual({ secret: "flyte-pod-webhook", service: "flyte-pod-webhook", names: [], days: 825 });
  });

  it("is a Secret when it is a mapping, also an empty one", async () => {
    const { server } = await goodConfig("server: { certificates: {} }");
    expect(server.certificates).toEqual({
      secret: "flyte-pod-webhook",
      service: "flyte-pod-webhook",
      names: [],
      days: 90,
      overlapSeconds: 900,
    });
  });

  it("takes lives from an hour on", async () => {
    const { server } = await goodConfig("server: { certificates: { days: 0.05 } }");
    expect(server.certificates).toMatchObject({ days: 0.05 });
  });

  it.each([
    ["{ days: 0.01 }", "server.certificates.days"],
    ["{ days: 826 }", "server.certificates.days"],
    ["{ overlapSeconds: 0 }", "server.certificates.overlapSeconds"],
    ["{ secret: A_B }", "server.certificates.secret"],
    ["{ service: a.b }", "server.certificates.service"],
    ['{ names: ["a b"] }', "server.certificates.names"],
    ["{ secrets: x }", 'unknown key "secrets" in "server.certificates". Fix: Did you mean secret?'],
  ])("%s is wrong, and the key is named", async (certificates, key) => {
    const [first = "", ...others] = await findings(`server:\n  certificates: ${certificates}\n`);
    expect(first).toContain(key);
    expect(first).toMatch(/^2:\d+ E_CONFIG_/);
    expect(others).toEqual([]);
  });

  it.each(["5", "[]", "true"])("is neither %s", async (value) => {
    expect(await findings(`server: { certificates: ${value} }`)).toEqual([
      expect.stringMatching(/^1:\d+ E_CONFIG_TYPE key "server\.certificates" must be /),
    ]);
  });
});

describe("Flyte's keys about certificates", () => {
  it("say what init-certs makes", async () => {
    const { initCerts, server } = await goodConfig("webhook: { secretName: s, serviceName: t, certDir: /c }");
    expect(initCerts).toMatchObject({ secret: "s", service: "t" });
    expect(server.certificates).toBe("/c");
  });

  it("mean one certificate for all replicas with localCert", async () => {
    const text = "webhook: { secretName: s, serviceName: t, localCert: true }";
    const { server } = await goodConfig(text);
    expect(server.certificates).toMatchObject({ secret: "s", service: "t", days: 90 });
    expect(await warnings(text)).toEqual([]);
  });

  it("leave certDir without effect with localCert, which is a warning", async () => {
    expect(await warnings("webhook: { localCert: true, certDir: /c }")).toEqual([
      expect.stringMatching(/^1:\d+ W_CONFIG_UNUSED key "webhook\.certDir" has no effect here with `localCert`/),
    ]);
  });

  it("take true and false only for localCert", async () => {
    expect(await findings('webhook: { localCert: "true" }')).toEqual([
      expect.stringMatching(/^1:\d+ E_CONFIG_TYPE key "webhook\.localCert" must be true or false/),
    ]);
  });
});
