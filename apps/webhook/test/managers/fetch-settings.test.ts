/**
 * Options of the managers whose secrets `pod-secrets-fetch` brings, held against the settings that it takes: a config
 * that is taken must not stop every pod.
 */
import { builtInProviders } from "@pod-secrets/secret-fetch";
import { describe, expect, test } from "vitest";
import * as z from "zod";

import { BUILT_IN_MANAGERS } from "../../src/compose/every-built-in.ts";

interface Schema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly oneOf?: readonly Schema[];
  readonly const?: unknown;
}

type Settings = Readonly<Record<string, unknown>>;

const FETCHER = { image: "registry.example.com/pod-secrets-fetch:1" };
const ofMode = (settings: Settings): object => ({ mode: "fetch", fetcher: FETCHER, settings });
const settingsOf = ({ properties = {} }: Schema): Schema => properties["settings"] ?? {};
const AUTH = { key: "alias/a", to: "confidant" };

/** Each manager, its provider, and how the settings of the one are those of the other. */
const FETCHED = [
  { manager: "aws", provider: "aws-secretsmanager", least: {}, options: ofMode, settingsOf },
  { manager: "gcp", provider: "gcp-secretmanager", least: {}, options: ofMode, settingsOf },
  { manager: "azure", provider: "azure-keyvault", least: {}, options: ofMode, settingsOf },
  {
    manager: "confidant",
    provider: "confidant",
    least: { url: "https://confidant.example.com", auth: AUTH },
    options: (settings: Settings) => ({ fetcher: FETCHER, ...settings }),
    settingsOf: (options: Schema) => without(options, "fetcher"),
  },
];

function without({ properties = {}, required = [], ...rest }: Schema, field: string): Schema {
  const { [field]: _left, ...others } = properties;
  return { ...rest, properties: others, required: required.filter((name) => name !== field) };
}

function schemaOf(options: unknown): Schema {
  return z.toJSONSchema(options as z.ZodType, { io: "input", unrepresentable: "any" }) as Schema;
}

/** All fields at any depth; those that may be left out end with a question mark. */
function fieldsOf({ properties = {}, required = [] }: Schema, above = ""): readonly string[] {
  return Object.entries(properties).flatMap(([name, field]) => {
    const path = `${above}${name}`;
    return [required.includes(name) ? path : `${path}?`, ...fieldsOf(kmsAuthOf(field), `${path}.`)];
  });
}

/** The one way to prove who a pod is that the manager has; it needs no name there. */
function kmsAuthOf(field: Schema): Schema {
  const kmsAuth = field.oneOf?.find(({ properties }) => properties?.["method"]?.const === "kmsauth");
  return kmsAuth === undefined ? field : without(kmsAuth, "method");
}

/** Something for each grammar that a setting may have, and something beside it. */
const VALUES: readonly unknown[] = [
  ..."|a|ab|a b|a\nb|é|-a|a/../b|/a|/a/../b|/é|us-east-1|us-east|my-project|a.b:my-project|123|node|env".split("|"),
  ..."https://a.example.com|https://a.example.com/b?c|https://u:p@a.example.com|http://a.example.com|ftp://a".split(
    "|",
  ),
  ..."arn:aws:iam::123456789012:role/a/b|arn:aws:iam::1:role/a|alias/a|example.onmicrosoft.com".split("|"),
  "00000000-1111-2222-3333-444444444444",
  ...[128, 129, 256, 1024, 1025, 2048, 4096].flatMap((length) => ["a".repeat(length), `/${"a".repeat(length - 1)}`]),
  ...[true, false, 0, 1, 2, 3, 5, 60, 61, 5.5],
  ...[[], ["env"], ["env", "web-identity", "pod-identity", "node"], ["other"]],
  ...[{ sts: "https://a.example.com" }, { arn: "arn:aws:iam::123456789012:role/a" }, AUTH],
];

/** The settings with a value at a path; a role that is assumed has to be named. */
function having(settings: Settings, path: string, value: unknown): Settings {
  const [name = "", rest] = path.split(/\.(.*)/);
  if (rest === undefined) return { ...settings, [name]: value };
  const role = name === "assumeRole" ? { arn: "arn:aws:iam::123456789012:role/a" } : {};
  return { ...settings, [name]: having({ ...role, ...(settings[name] as Settings | undefined) }, rest, value) };
}

/** As the manager writes them into the pod. */
function toProgram({ auth, ...settings }: Settings): Settings {
  return auth === undefined ? settings : { ...settings, auth: { method: "kmsauth", ...(auth as Settings) } };
}

async function takes(schema: unknown, value: object): Promise<boolean> {
  return (await (schema as z.ZodType)["~standard"].validate(value)).issues === undefined;
}

describe.each(FETCHED)("$manager", ({ manager, provider, least, options, settingsOf: read }) => {
  const ours = BUILT_IN_MANAGERS.find(({ name }) => name === manager)?.options;
  const ofProgram = builtInProviders.find(({ name }) => name === provider)?.settings;
  const fields = fieldsOf(read(schemaOf(ours)));
  const paths = fields.map((field) => field.replace("?", "").replaceAll("?.", "."));

  test("has the settings of the program, and the same of them may be left out", () => {
    expect(fields.toSorted()).toEqual(fieldsOf(schemaOf(ofProgram)).toSorted());
    expect(fields).not.toEqual([]);
  });

  test.each(paths)("takes nothing for %s that the program does not take", async (path) => {
    const taken: unknown[] = [];
    const refused: unknown[] = [];
    for (const value of VALUES) {
      const settings = having({ allowHttp: true, ...least }, path, value);
      if (!(await takes(ours, options(settings)))) continue;
      taken.push(value);
      if (!(await takes(ofProgram, toProgram(settings)))) refused.push(value);
    }
    expect(taken).not.toEqual([]);
    expect(refused).toEqual([]);
  });

  test("refuses every server that anybody could listen to, unless allowHttp is beside it", async () => {
    const takesAt = (path: string, value: string, settings: Settings = least): Promise<boolean> =>
      takes(ours, options(having(settings, path, value)));
    const wrong: string[] = [];
    for (const path of paths) {
      const isServer = (await takesAt(path, "https://a.example.com")) && !(await takesAt(path, "plain-text"));
      if (!isServer) continue;
      const allowed = having(least, path.replace(/(endpoints\.)?[^.]*$/, "allowHttp"), true);
      if (await takesAt(path, "http://a.example.com")) wrong.push(`${path} may be in the clear`);
      if (!(await takesAt(path, "http://a.example.com", allowed))) wrong.push(`${path} does not heed allowHttp`);
    }
    expect(wrong).toEqual([]);
  });
});
