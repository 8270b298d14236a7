/** What the options allow, core allows too: a config that is taken must not refuse every pod. */
import type { Pod } from "@pod-secrets/core";
import { admitPod, openInjector, secretRequest, testPod, withRequests } from "@pod-secrets/injector-testkit";
import { expect, test } from "vitest";
import * as z from "zod";

import plugin, { awsOptions } from "../src/index.ts";

type Schema = Readonly<Record<string, unknown>>;

const POD: Pod = withRequests(testPod(), [
  secretRequest({ group: "arn:aws:secretsmanager:us-east-2:123456789012:secret", key: "db-password" }),
]);

/** One of these is a text of each form that an option has. */
const TEXTS = ["1", "https://secrets.example.com", "us-east-2", "arn:aws:iam::123456789012:role/a", "/etc/ca.pem"];

/** Values of a schema: each text of an enum, both sides of a switch, and one of anything else. */
function values(schema: Schema): readonly unknown[] {
  if (Array.isArray(schema["enum"])) return schema["enum"] as readonly unknown[];
  if (Array.isArray(schema["anyOf"])) return (schema["anyOf"] as readonly Schema[]).flatMap(values);
  switch (schema["type"]) {
    case "object":
      return objects(schema);
    case "array":
      return values(schema["items"] as Schema).map((value) => [value]);
    case "boolean":
      return [true, false];
    case "integer":
    case "number":
      return [schema["minimum"] ?? 0, 1000];
    case "string":
      return [
        TEXTS.find((text) => new RegExp(typeof schema["pattern"] === "string" ? schema["pattern"] : "").test(text)),
      ];
    default:
      throw new Error(`no value for ${JSON.stringify(schema)}`);
  }
}

/** An object per value of each field, with that field and those that must be there. */
function objects({ properties, required = [], additionalProperties }: Schema): readonly unknown[] {
  if (properties === undefined) return values(additionalProperties as Schema).map((value) => ({ cpu: value }));
  const fields = Object.entries(properties as Readonly<Record<string, Schema>>);
  const needed = fields.filter(([name]) => (required as readonly string[]).includes(name));
  const least = Object.fromEntries(needed.map(([name, field]) => [name, values(field)[0]]));
  return fields.flatMap(([name, field]) => values(field).map((value) => ({ ...least, [name]: value })));
}

const FETCHER = { image: "registry.example.com/fetch:1" };

/** What only one mode has, with that mode, and what the mode needs. */
function ofItsMode(options: object): object {
  const isFetch = ("mode" in options && options.mode === "fetch") || "fetcher" in options || "settings" in options;
  return isFetch ? { mode: "fetch", fetcher: FETCHER, ...options } : options;
}

const ALL = (values(z.toJSONSchema(awsOptions, { io: "input" })) as readonly object[]).map(ofItsMode);

test("the options have values to try", () => {
  expect(ALL).toContainEqual({ securityContext: { capabilities: { drop: ["1"] } } });
  expect(ALL).toContainEqual({ securityContext: { seccompProfile: { type: "Localhost" } } });
  expect(ALL).toContainEqual({ position: "first" });
  expect(ALL).toContainEqual({ mode: "fetch", fetcher: { image: "1", runAsUser: 1000 } });
});

test.each(ALL)("a pod is given its secret with %j", async (options) => {
  const mutation = await admitPod(POD, [await openInjector(plugin, options)]);
  expect(mutation).toMatchObject({ outcome: "changed", decisions: [{ outcome: "injected", injector: "aws" }] });
});
