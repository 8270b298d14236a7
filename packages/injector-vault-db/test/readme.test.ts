import { readFileSync } from "node:fs";

import { injectionContext, openInjector, secretRequest, testPod } from "@pod-secrets/injector-testkit";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { toJSONSchema } from "zod";

import plugin, { vaultDbOptions } from "../src/index.ts";

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");

async function injectedPod(key: string): Promise<ReturnType<typeof testPod>> {
  const injector = await openInjector(plugin);
  const { metadata: _, ...pod } = testPod();
  const request = secretRequest({ group: "database/creds/app", groupVersion: "db", key });
  const injection = await injector.inject(pod, request, injectionContext(pod));
  if (injection.outcome !== "injected") throw new Error(injection.outcome);
  return injection.pod;
}

test("the README shows the pod of a secret", async () => {
  const [, example = ""] = readme.split('# Secret(group="database/creds/app", group_version="db", key="Login")\n');
  const shown = parse(example.slice(0, example.indexOf("```"))) as ReturnType<typeof testPod>;
  const { metadata, spec } = await injectedPod("Login");
  expect({ metadata, spec }).toEqual(shown);
});

test("the README lists every option with its default and meaning", () => {
  // The formatter pads the columns of a table.
  const table = readme.replaceAll(/ +/g, " ");
  const { properties = {} } = toJSONSchema(vaultDbOptions, { io: "input" });
  for (const [name, schema] of Object.entries(properties)) {
    const { default: value, description = "" } = typeof schema === "object" ? schema : {};
    expect(table).toContain(`| \`${name}\` | \`${JSON.stringify(value)}\` | ${description} |`);
  }
});
