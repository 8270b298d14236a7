import { openInjector } from "@pod-secrets/injector-testkit";
import { expect, test } from "vitest";

import plugin, { embeddedOptions } from "../src/index.ts";

const ACCEPTED = { accept: "values-in-pods" };

async function faults(options: unknown): Promise<readonly string[]> {
  const checked = await embeddedOptions.safeParseAsync(options);
  return (checked.error?.issues ?? []).map(({ path, message }) => `${path.join(".")}: ${message}`);
}

test("it does nothing before somebody says that values may stand in pods", async () => {
  expect(await faults({ store: { type: "k8s" } })).toEqual([expect.stringMatching(/^accept: /)]);
  expect(await faults({ ...ACCEPTED, store: { type: "k8s" } })).toEqual([]);
});

test.each([
  ["k8s", { namespace: "Flyte" }, "store.settings.namespace: is no namespace name"],
  ["k8s", { namespce: "flyte" }, /^store.settings: .*namespce/],
  ["aws", { region: "nowhere!" }, /^store.settings.region: is no AWS region/],
  ["gcp", {}, "store.settings.project: is needed"],
  ["azure", {}, "store.settings.vault: is needed"],
  [
    "k8s",
    { server: "http://api.example.com" },
    /^store.settings.server: is not encrypted: everybody on the way could listen$/,
  ],
  ["aws", { endpoints: { sts: "http://sts.example.com" } }, /^store.settings.endpoints.sts: is not encrypted/],
  ["gcp", { project: "acme-secrets", url: "http://x.example" }, /^store.settings.url: is not encrypted/],
  ["azure", { vault: "http://x.example" }, /^store.settings.vault: is not encrypted/],
  ["azure", { vault: "ftp://x" }, /^store.settings.vault: must be the address of a server/],
])("settings that the provider of %s does not take are found in the config: %j", async (type, settings, fault) => {
  expect(await faults({ ...ACCEPTED, store: { type, settings } })).toEqual([
    fault instanceof RegExp ? expect.stringMatching(fault) : fault,
  ]);
});

test("an address that is none is a fault, and nothing is thrown", async () => {
  const store = { type: "k8s", settings: { server: "api.example.com" } };
  expect(await faults({ ...ACCEPTED, store })).toContainEqual(expect.stringMatching(/^store.settings.server: must /));
});

test.each(["{projekt}-{domain}", "a b", "Flyte-{project}", ""])(
  "a scope's namespace cannot be %j",
  async (namespace) => {
    expect(await faults({ ...ACCEPTED, store: { type: "k8s" }, scope: { namespace } })).toEqual([
      expect.stringMatching(/^scope.namespace: is neither/),
    ]);
  },
);

test.each([
  { type: "k8s" },
  { type: "aws", settings: { region: "us-east-1" } },
  { type: "gcp", settings: { project: "acme-secrets" } },
  { type: "azure", settings: { vault: "https://acme.vault.azure.net" } },
  { type: "azure", settings: { vault: "http://emulator.example", allowHttp: true } },
])("a store is opened without a call: %j", async (store) => {
  const injector = await openInjector(plugin, { ...ACCEPTED, store });
  expect(injector.name).toBe("embedded");
  await injector.dispose?.();
});
