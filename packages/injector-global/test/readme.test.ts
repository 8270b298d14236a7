import { readFileSync } from "node:fs";

import { injectionContext, secretRequest, testPod } from "@pod-secrets/injector-testkit";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { toJSONSchema } from "zod";

import { globalOptions } from "../src/index.ts";
import { openGlobal } from "./open-global.ts";

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");

test("the README shows the pod", async () => {
  const [, example = ""] = readme.split('# Secret(group="user-info", key="name", env_var="USER_NAME")\n');
  const injector = await openGlobal({ env: { "FLYTE_SECRET_USER-INFO_NAME": "alice" } });
  const { metadata: _, ...pod } = testPod();
  const request = secretRequest({ group: "user-info", key: "name", envVar: "USER_NAME" });
  const injection = await injector.inject(pod, request, injectionContext(pod));
  const { spec } = parse(example.slice(0, example.indexOf("```"))) as typeof pod;
  expect(injection).toEqual({ outcome: "injected", pod: { ...pod, spec } });
});

test("the README lists every option with its default and meaning", () => {
  // The formatter pads the columns of a table.
  const table = readme.replaceAll(/ +/g, " ");
  const { properties = {} } = toJSONSchema(globalOptions, { io: "input" });
  for (const [name, schema] of Object.entries(properties)) {
    const { default: value, description = "" } = typeof schema === "object" ? schema : {};
    const written = value === undefined ? "none" : `\`${JSON.stringify(value)}\``;
    expect(table).toContain(`| \`${name}\` | ${written} | ${description} |`);
  }
});
