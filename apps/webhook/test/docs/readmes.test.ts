/** The READMEs of the managers that come with the webhook. */
import type { Injection, InjectorPlugin } from "@pod-secrets/core";
import aws from "@pod-secrets/injector-aws";
import vaultKv1 from "@pod-secrets/injector-vault-kv1";
import vaultKv2 from "@pod-secrets/injector-vault-kv2";
import {
  injectionContext,
  openInjector,
  secretRequest,
  testPod,
  type RequestFields,
} from "@pod-secrets/injector-testkit";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { parse } from "yaml";
import { toJSONSchema, type ZodType } from "zod";

import { BUILT_IN_INJECTORS } from "../../src/compose/every-built-in.ts";
import { tableUnder, textOf } from "./documents.ts";
import { EMBEDDED, NAMESPACE, labelled } from "./embedded-example.ts";

// The secret that the README of global secrets speaks of.
beforeEach(() => vi.stubEnv("FLYTE_SECRET_USER-INFO_NAME", "alice"));
afterEach(() => vi.unstubAllEnvs());

const { metadata: _, ...POD } = testPod();

function readmeOf({ name }: InjectorPlugin): string {
  return textOf(`packages/injector-${name}/README.md`);
}

async function injected(plugin: InjectorPlugin, fields: RequestFields, options: unknown = {}): Promise<Injection> {
  const reads = plugin.meta.readsAtAdmission === true;
  const injector = await openInjector(reads ? EMBEDDED : plugin, options);
  const pod = reads ? labelled(POD) : POD;
  try {
    return await injector.inject(pod, secretRequest(fields), injectionContext(pod, { namespace: NAMESPACE }));
  } finally {
    await injector.dispose?.();
  }
}

interface Example {
  readonly asked: string;
  readonly options: unknown;
  readonly shown: object;
}

/**
 * Each block of YAML that starts with what the task asks for: `# Secret(group="a", key="b")`, and the pod of it. The
 * manager has the options that the line ends with, `with { mode: fetch }`, or those of the first config file that is
 * shown.
 */
function examplesIn(readme: string): readonly Example[] {
  const [, config = "managers: []"] = /^```yaml\n(managers:[^]*?)^```$/m.exec(readme) ?? [];
  const { managers } = parse(config) as { readonly managers: readonly { readonly options?: unknown }[] };
  return [...readme.matchAll(/^```yaml\n# Secret\((.*)\)(?: with (\{.*\}))?\n([^]*?)^```$/gm)].map(
    ([, asked = "", options, pod = ""]) => ({
      asked,
      options: options === undefined ? managers[0]?.options : (parse(options) as unknown),
      shown: parse(pod) as object,
    }),
  );
}

/** What a table of options has of their JSON Schema. */
interface Schema {
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly required?: readonly string[];
  readonly default?: unknown;
  readonly description?: string;
}

function schemaOf({ options }: InjectorPlugin): Schema {
  return toJSONSchema(options as ZodType, { io: "input" }) as Schema;
}

function propertyOf({ properties = {} }: Schema, name: string): Schema {
  const schema = properties[name];
  if (typeof schema !== "object" || schema === null) throw new Error(`there is no option ${name}`);
  return schema;
}

/** A table of options: name, default and meaning. @param must what stands as default of an option that must be there */
function rowsOf(schema: Schema, must: string): readonly (readonly string[])[] {
  return Object.keys(schema.properties ?? {}).map((name) => {
    const { default: value, description = "" } = propertyOf(schema, name);
    const missing = schema.required?.includes(name) === true ? must : "none";
    return [`\`${name}\``, value === undefined ? missing : `\`${JSON.stringify(value)}\``, description];
  });
}

/** The arguments of flytekit's `Secret(...)`, as the fields of a request. */
function fieldsOf(asked: string): RequestFields {
  const given = [...asked.matchAll(/(\w+)="?([^",]*)"?/g)].map(([, name = "", value = ""]) => {
    return [name.replaceAll(/_(\w)/g, (_all, letter: string) => letter.toUpperCase()), value] as const;
  });
  return Object.fromEntries(given);
}

describe.each(BUILT_IN_INJECTORS)("the README of $name", (plugin) => {
  const readme = readmeOf(plugin);

  test("shows the pod of each secret that it asks for, and asks for one at least", async () => {
    const examples = examplesIn(readme);
    expect(examples).not.toEqual([]);
    const injections = await Promise.all(
      examples.map(({ asked, options }) => injected(plugin, fieldsOf(asked), options)),
    );
    expect(injections).toEqual(examples.map(({ shown }) => ({ outcome: "injected", pod: { ...POD, ...shown } })));
  });

  test("lists every option with its default and meaning, and no other", () => {
    expect(tableUnder(readme, "Options")).toEqual(rowsOf(schemaOf(plugin), "none"));
  });
});

test.each([
  ["Options of the container", ["fetcher"]],
  ["Options of the sidecar", ["fetcher", "refresh"]],
  ["Settings of AWS", ["settings"]],
])("the README of the container that fetches lists the %s", (heading, path) => {
  const schema = path.reduce(propertyOf, schemaOf(aws));
  expect(tableUnder(textOf("packages/fetch-container/README.md"), heading)).toEqual(rowsOf(schema, "required"));
});

test.each([
  ["vault-kv1", vaultKv1, "secret/app"],
  ["vault-kv2", vaultKv2, "secret/data/app"],
])("the README of %s shows the template of a key that is quoted", async (_name, plugin, group) => {
  const groupVersion = plugin.name.slice("vault-".length);
  const injection = await injected(plugin, { group, groupVersion, key: "api-key" });
  const annotations = injection.outcome === "injected" ? injection.pod.metadata?.annotations : undefined;
  const templates = Object.entries(annotations ?? {}).filter(([name]) => name.includes("-template-"));
  expect(templates).toHaveLength(1);
  for (const [, template] of templates) expect(readmeOf(plugin)).toContain(`\n${template}\n`);
});
