import { expect, test } from "vitest";

import { canonicalName } from "../../src/certificates/name.ts";
import { certificateNames } from "../../src/certificates/managed/managed-source.ts";
import { isUsable, nextNames } from "../../src/certificates/managed/generation.ts";
import { generation, NOW, POLICY } from "./managed/generations.ts";

test.each([
  ["0:0:0:0:0:0:0:1", "::1"],
  ["2001:DB8:0:0:0:0:0:A", "2001:db8::a"],
  ["::ffff:10.0.0.1", "::ffff:a00:1"],
  ["fe80::1%eth0", "fe80::1%eth0"],
  ["10.0.0.1", "10.0.0.1"],
  ["Webhook.Flyte.SVC", "webhook.flyte.svc"],
])("%s is written %s", (name, canonical) => {
  expect(canonicalName(name)).toBe(canonical);
});

test.each(["::1", "2001:DB8::A", "::ffff:10.0.0.1", "10.0.0.1", "Webhook.Flyte.SVC"])(
  "a certificate for %s has that name",
  async (name) => {
    const policy = { ...POLICY, names: [...POLICY.names, name] };
    const made = await generation(NOW, policy.names);
    expect(isUsable(made, policy, NOW)).toBe(true);
    expect(nextNames({ current: made }, policy)).toEqual(policy.names);
  },
);

test("names of two configurations stand once each, in whatever form they are written", async () => {
  const made = await generation(NOW, ["::1", "a.example"]);
  expect(nextNames({ current: made }, { ...POLICY, names: ["0:0:0:0:0:0:0:1", "B.example"] })).toEqual([
    "::1",
    "b.example",
    "a.example",
  ]);
});

test("the names of a configuration stand once each", () => {
  const names = certificateNames({ service: "webhook", names: ["::1", "0:0::1"] }, "flyte", {
    url: "https://[::1]:9443",
  });
  expect(names).toEqual(["webhook", "webhook.flyte", "webhook.flyte.svc", "::1"]);
});
