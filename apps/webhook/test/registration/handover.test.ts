import { describe, expect, it } from "vitest";

import { createHandover } from "../../src/registration/handover.ts";
import { desiredBy, flyteRegistration, stored } from "./registrations.ts";
import { registrationManifest } from "../../src/registration/desired-registration.ts";

/** Of this webhook: its Service is not Flyte's. */
const desired = desiredBy({ service: { name: "secrets" } });

function handover(of = desired) {
  let now = 0;
  let woken = 0;
  const created = createHandover(
    of,
    () => (woken += 1),
    () => now,
  );
  return { ...created, after: (milliseconds: number) => (now += milliseconds), woken: () => woken };
}

describe("a registration that leads to another Service", () => {
  const flyte = flyteRegistration();

  it("is left to it until a probe has been answered for ten seconds", () => {
    const { pause, probed, after, woken } = handover();

    expect(pause(flyte)).toBe(60_000);
    after(3000);
    probed();
    expect(woken()).toBe(1);
    expect(pause(flyte)).toBe(10_000);
    after(5000);
    // Later probes start nothing anew.
    probed();
    expect(pause(flyte)).toBe(5000);
    expect(woken()).toBe(1);
    after(5000);
    expect(pause(flyte)).toBe(0);
  });

  it("is taken over after a minute where nobody probes", () => {
    const { pause, after } = handover();
    after(59_999);
    expect(pause(flyte)).toBe(1);
    after(1);

    expect(pause(flyte)).toBe(0);
  });
});

describe("at once is written", () => {
  it("one that is not there: nobody answers for it", () => {
    expect(handover().pause(undefined)).toBe(0);
  });

  it("one that leads here already", () => {
    expect(handover().pause(stored(registrationManifest(desired, undefined)))).toBe(0);
    expect(handover(desiredBy({})).pause(flyteRegistration())).toBe(0);
  });

  it("one that leads to an address outside of the cluster, and one that is to", () => {
    const byUrl = desiredBy({ url: "https://127.0.0.1:9443" });

    expect(handover(byUrl).pause(flyteRegistration())).toBe(0);
    expect(handover().pause(stored(registrationManifest(byUrl, undefined)))).toBe(0);
  });

  it("one with entries of others alone", () => {
    const { webhooks = [], ...rest } = flyteRegistration();
    const others = webhooks.map((entry) => ({ ...entry, name: "someone.else.example.com" }));

    expect(handover().pause({ ...rest, webhooks: others })).toBe(0);
  });
});
