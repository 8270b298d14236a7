import { readFileSync } from "node:fs";

import { injectionContext, openInjector, secretRequest, testPod } from "@pod-secrets/injector-testkit";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { toJSONSchema } from "zod";

import plugin, { k8sOptions } from "../src/index.ts";

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");

test.each([
  ['Secret(group="user-info", key="Password")', { group: "user-info", key: "Password" }],
  [
    'Secret(group="user-info", key="Password", mount_requirement=ENV_VAR, env_var="DB_PASSWORD")',
    { group: "user-info", key: "Password", mountRequirement: "ENV_VAR", envVar: "DB_PASSWORD" },
  ],
] as const)("the README shows the pod of %s", async (title, fields) => {
  const [, example = ""] = readme.split(`# ${title}\n`);
  const injector = await openInjector(plugin);
  const { metadata: _, ...pod } = testPod();
  const injection = await injector.inject(pod, secretRequest(fields), injectionContext(pod));
  const { spec } = parse(example.slice(0, example.indexOf("```"))) as typeof pod;
  expect(injection).toEqual({ outcome: "injected", pod: { ...pod, spec } });
});

test("the README lists every option with its default and meaning", () => {
  // The formatter pads the columns of a table.
  const table = readme.replaceAll(/ +/g, " ");
  const { properties = {} } = toJSONSchema(k8sOptions, { io: "input" });
  for (const [name, schema] of Object.entries(properties)) {
    const { default: value, description = "" } = typeof schema === "object" ? schema : {};
    const written = value === undefined ? "none" : `\`${JSON.stringify(value)}\``;
    expect(table).toContain(`| \`${name}\` | ${written} | ${description} |`);
  }
});
