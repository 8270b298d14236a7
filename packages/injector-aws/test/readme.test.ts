import { readFileSync } from "node:fs";

import { injectionContext, openInjector, secretRequest, testPod } from "@pod-secrets/injector-testkit";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { toJSONSchema } from "zod";

import plugin, { awsOptions } from "../src/index.ts";

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");

test("the README shows the pod", async () => {
  const group = "arn:aws:secretsmanager:us-east-2:123456789012:secret";
  const [, example = ""] = readme.split(`# Secret(group="${group}", key="DB-Password")\n`);
  const injector = await openInjector(plugin);
  const { metadata: _, ...pod } = testPod();
  const request = secretRequest({ group, key: "DB-Password" });
  const injection = await injector.inject(pod, request, injectionContext(pod));
  const { spec } = parse(example.slice(0, example.indexOf("```"))) as typeof pod;
  expect(injection).toEqual({ outcome: "injected", pod: { ...pod, spec } });
});

test("the README lists every option with its default and meaning", () => {
  // The formatter pads the columns of a table.
  const table = readme.replaceAll(/ +/g, " ");
  const { properties = {} } = toJSONSchema(awsOptions, { io: "input" });
  for (const [name, schema] of Object.entries(properties)) {
    const { default: value, description = "" } = typeof schema === "object" ? schema : {};
    const written = value === undefined ? "none" : `\`${JSON.stringify(value)}\``;
    expect(table).toContain(`| \`${name}\` | ${written} | ${description} |`);
  }
});
