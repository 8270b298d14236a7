/** What an alert on the registration sees. */
import { Registry } from "prom-client";
import { expect, test } from "vitest";

import { registrationMetrics } from "../../src/telemetry/metrics/registration-metrics.ts";

const HELD = /^pod_secrets_registration_held (.*)$/m;

test("whether the registration is held is told from when it is meant to be, and not where nothing registers", async () => {
  const registry = new Registry();
  const metrics = registrationMetrics([registry]);
  expect(await registry.metrics()).not.toMatch(HELD);
  metrics.registrationHeld(false);
  expect(HELD.exec(await registry.metrics())?.[1]).toBe("0");
  metrics.registrationHeld(true);
  expect(HELD.exec(await registry.metrics())?.[1]).toBe("1");
});
