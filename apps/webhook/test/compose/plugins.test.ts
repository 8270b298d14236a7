import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";

import { checkFile, composeFile } from "../../src/compose/from-file.ts";
import { createConfigFolder, type ConfigFolder } from "../config/config-folder.ts";
import { installPackage, pluginSource } from "./plugin-folder.ts";

const NOTHING = {} as never;
const log = { debug() {}, info() {}, warn() {}, error() {} };

/** Names of the managers that a `use` gives, or the one finding. */
async function managersOf(folder: ConfigFolder, use: string): Promise<readonly string[] | string> {
  const checked = await checkFile(
    folder.write("config.yaml", `global: false\nmanagers:\n  - use: ${JSON.stringify(use)}\n`),
  );
  if (checked.ok) return checked.managers.map(({ plugin }) => plugin.name);
  expect(checked.problems).toHaveLength(1);
  const [{ line, column, code, message } = expect.fail("no finding")] = checked.problems;
  expect([line, column]).toEqual([3, 10]);
  return `${code} ${message}`.replaceAll(folder.path, "FOLDER");
}

describe("a manager from a file", () => {
  it.each(["./acme.mjs", "../plugins/acme.mjs"])("is found from the folder of the config: %s", async (use) => {
    const folder = createConfigFolder();
    folder.write("acme.mjs", pluginSource());
    const nested: ConfigFolder = { ...folder, write: (name, content) => folder.write(`configs/${name}`, content) };
    folder.write("plugins/acme.mjs", pluginSource());

    expect(await managersOf(use.startsWith("./") ? folder : nested, use)).toEqual(["acme"]);
  });

  it("may have an absolute path", async () => {
    const folder = createConfigFolder();
    const file = folder.write("acme.mjs", pluginSource());

    expect(await managersOf(folder, file)).toEqual(["acme"]);
  });

  it("may have characters that a URL would escape", async () => {
    const folder = createConfigFolder();
    folder.write("a b#c?d%20.mjs", pluginSource());
    const file = folder.write("config.yaml", 'managers: [{ use: "./a b#c?d%20.mjs" }]');
    // In a Node of its own: the test runner's `import` does not take such names.
    const main = join(import.meta.dirname, "../../src/main.ts");
    const args = ["--conditions=@pod-secrets/source", main, "validate", file];
    const { stdout } = await promisify(execFile)(process.execPath, args);

    expect(stdout).toBe(`${file}: ok: profile flyte-v1, asks global, then acme\n`);
  });

  it.each(["./missing.mjs", "./folder", "/nowhere/x.mjs"])("that is not there is a finding: %s", async (use) => {
    const folder = createConfigFolder();
    folder.write("folder/index.js", pluginSource());

    expect(await managersOf(folder, use)).toBe(`E_CONFIG_PLUGIN_LOAD no file "${use}" from "FOLDER"`);
  });
});

describe("a manager from a package", () => {
  it.each([
    ["for import alone", { type: "module", exports: { import: "./index.js" } }],
    ["with a default", { type: "module", exports: { ".": { types: "./index.d.ts", default: "./index.js" } } }],
    ["with a path", { type: "module", exports: "./index.js" }],
    [
      "with nested conditions",
      { type: "module", exports: { ".": { browser: "./no.js", node: { import: "./index.js" } } } },
    ],
    ["with alternatives", { type: "module", exports: [{ deno: "./no.js" }, "./index.js"] }],
    ["without exports, by main", { type: "module", main: "index.js" }],
    ["without exports or main", { type: "module" }],
  ])("is found from the folder of the config: %s", async (_, manifest) => {
    const folder = createConfigFolder();
    installPackage(folder, "@acme/injector", manifest, { "index.js": pluginSource() });

    expect(await managersOf(folder, "@acme/injector")).toEqual(["acme"]);
  });

  it("is found in a folder above", async () => {
    const folder = createConfigFolder();
    installPackage(folder, "acme-injector", { type: "module", exports: "./index.js" }, { "index.js": pluginSource() });
    const nested: ConfigFolder = { ...folder, write: (name, content) => folder.write(`a/b/${name}`, content) };

    expect(await managersOf(nested, "acme-injector")).toEqual(["acme"]);
  });

  it("may export it under a path", async () => {
    const folder = createConfigFolder();
    const exported = { "./vault": "./vault.js" };
    installPackage(folder, "@acme/all", { type: "module", exports: exported }, { "vault.js": pluginSource() });

    expect(await managersOf(folder, "@acme/all/vault")).toEqual(["acme"]);
    expect(await managersOf(folder, "@acme/all/vault.js")).toMatch(/^E_CONFIG_PLUGIN_LOAD /);
    expect(await managersOf(folder, "@acme/all")).toMatch(/^E_CONFIG_PLUGIN_LOAD /);
  });

  it("must not lead out of its own folder", async () => {
    const folder = createConfigFolder();
    folder.write("outside.mjs", pluginSource());
    installPackage(folder, "acme-injector", { exports: "./../../outside.mjs" }, {});

    expect(await managersOf(folder, "acme-injector")).toMatch(/^E_CONFIG_UNKNOWN_MANAGER /);
  });

  it("of a scope that is not installed is a finding with the command that installs it", async () => {
    expect(await managersOf(createConfigFolder(), "@acme/injector")).toBe(
      'E_CONFIG_PLUGIN_LOAD package "@acme/injector" is not installed, or exports nothing for import, seen from "FOLDER"',
    );
  });

  it.each([
    "@acme",
    "@acme/",
    "a//b",
    "a/../b",
    "acme\u0000",
    "%2e%2e/x",
    "node:fs",
    "https://example.com/x.js",
    "data:text/javascript,1",
  ])("cannot be called %j", async (use) => {
    expect(await managersOf(createConfigFolder(), use)).toMatch(/^E_CONFIG_(PLUGIN_LOAD|UNKNOWN_MANAGER) /);
  });
});

describe("what is no plugin is a finding that says why", () => {
  it.each([
    ["no default export", "export const plugin = {};", "E_CONFIG_PLUGIN_SHAPE", "has no plugin as its default export"],
    ["null", "export default null;", "E_CONFIG_PLUGIN_SHAPE", "has no plugin as its default export"],
    ["no apiVersion", pluginSource({ apiVersion: undefined }), "E_CONFIG_PLUGIN_SHAPE", "has no `apiVersion`"],
    [
      "another apiVersion",
      pluginSource({ apiVersion: "2" }),
      "E_CONFIG_PLUGIN_VERSION",
      "has apiVersion 2, and this webhook knows 1",
    ],
    ["no name", pluginSource({ name: undefined }), "E_CONFIG_PLUGIN_SHAPE", "has no `name` that is a DNS label"],
    [
      "a name that is no label",
      pluginSource({ name: '"Acme Inc."' }),
      "E_CONFIG_PLUGIN_SHAPE",
      "has no `name` that is a DNS label",
    ],
    ["no meta", pluginSource({ meta: undefined }), "E_CONFIG_PLUGIN_SHAPE", "has no complete `meta`"],
    [
      "unknown mounts",
      pluginSource({ meta: '{ summary: "s", group: "g", key: "k", mounts: ["DISK"], stability: "beta" }' }),
      "E_CONFIG_PLUGIN_SHAPE",
      "has no complete `meta`",
    ],
    [
      "no schema",
      pluginSource({ options: "{}" }),
      "E_CONFIG_PLUGIN_SHAPE",
      "has no `options` that are a Standard Schema",
    ],
    [
      "foreign error codes",
      pluginSource({ errors: '{ "k8s/x": { summary: "s", why: "w", fix: "f" } }' }),
      "E_CONFIG_PLUGIN_SHAPE",
      "has an `errors` table with other codes than acme/...",
    ],
    ["no create", pluginSource({ create: undefined }), "E_CONFIG_PLUGIN_SHAPE", "has no `create` function"],
    [
      "a throw",
      'throw new Error("boom\\nsecond line");',
      "E_CONFIG_PLUGIN_LOAD",
      'loading "./acme.mjs" failed with Error',
    ],
    ["broken code", "export default {", "E_CONFIG_PLUGIN_LOAD", 'loading "./acme.mjs" failed with '],
    [
      "the name of a built-in one",
      pluginSource({ name: '"k8s"' }),
      "E_CONFIG_DUPLICATE_MANAGER",
      'brings a manager of the name "k8s", which is built in',
    ],
  ])("%s", async (_, source, code, message) => {
    const folder = createConfigFolder();
    folder.write("acme.mjs", source);
    const finding = await managersOf(folder, "./acme.mjs");

    expect(finding).toContain(`${code} `);
    expect(finding).toContain(message);
  });

  it("a plugin may have a function as schema, and errors of its own", async () => {
    const folder = createConfigFolder();
    const options =
      'Object.assign(() => {}, { "~standard": { version: 1, vendor: "x", validate: (value) => ({ value }) } })';
    const errors = '{ "acme/no-item": { summary: "s", why: "w", fix: "f" } }';
    folder.write("acme.mjs", pluginSource({ options, errors }));

    expect(await managersOf(folder, "./acme.mjs")).toEqual(["acme"]);
  });

  it("two packages with one name are a duplicate", async () => {
    const folder = createConfigFolder();
    folder.write("one.mjs", pluginSource());
    folder.write("two.mjs", pluginSource());
    const checked = await checkFile(folder.write("config.yaml", "managers:\n  - use: ./one.mjs\n  - use: ./two.mjs\n"));

    expect(checked).toMatchObject({
      ok: false,
      problems: [{ line: 3, code: "E_CONFIG_DUPLICATE_MANAGER", message: 'manager "acme" is already in line 2' }],
    });
  });
});

describe("options of a plugin with any Standard Schema", () => {
  const schema = (validate: string): string => `{ "~standard": { version: 1, vendor: "acme", validate: ${validate} } }`;

  it("are found at their place, in the words of the schema", async () => {
    const folder = createConfigFolder();
    const issues = '[{ message: "Must be an address.", path: ["servers", { key: 1 }, "url"] }, { message: "Is odd" }]';
    folder.write("acme.mjs", pluginSource({ options: schema(`() => ({ issues: ${issues} })`) }));
    const text = "managers:\n  - use: ./acme.mjs\n    options:\n      servers:\n        - url: a\n        - url: b\n";
    const checked = await checkFile(folder.write("config.yaml", text));

    expect(checked).toMatchObject({
      ok: false,
      problems: [
        { line: 4, column: 7, code: "E_CONFIG_OPTION", message: 'option "managers.0.options" is odd' },
        {
          line: 6,
          column: 16,
          code: "E_CONFIG_OPTION",
          message: 'option "managers.0.options.servers.1.url" must be an address',
        },
      ],
    });
  });

  it("may be checked asynchronously, and reach `create` as the schema gives them back", async () => {
    const folder = createConfigFolder();
    const options = schema("async (value) => ({ value: { ...value, region: value.region ?? 'eu' } })");
    const create =
      'async (options) => ({ name: "acme", inject: () => ({ outcome: "skipped", reason: options.region }) })';
    folder.write("acme.mjs", pluginSource({ options, create }));
    const composed = await composeFile(folder.write("config.yaml", "managers: [{ use: ./acme.mjs }]"), log);
    if (!composed.ok) throw new Error(composed.problems[0]?.message);
    const acme = composed.composition.settings.injectors.find(({ name }) => name === "acme");

    expect(await acme?.inject(NOTHING, NOTHING, NOTHING)).toEqual({ outcome: "skipped", reason: "eu" });
    await composed.composition.dispose();
  });

  it("that make the schema throw are a finding without the text of that error, which might hold a value", async () => {
    const folder = createConfigFolder();
    folder.write("acme.mjs", pluginSource({ options: schema("(value) => { throw new Error(value.token); }") }));
    const file = folder.write("config.yaml", "managers: [{ use: ./acme.mjs, options: { token: hunter2 } }]");
    const checked = await checkFile(file);

    expect(checked).toMatchObject({ ok: false, problems: [{ code: "E_CONFIG_OPTION" }] });
    expect(JSON.stringify(checked)).not.toContain("hunter2");
  });

  it("with issues that are no issues at all are still findings", async () => {
    const folder = createConfigFolder();
    folder.write(
      "acme.mjs",
      pluginSource({ options: schema("() => ({ issues: [undefined, 7, { path: 3, message: {} }] })") }),
    );
    const checked = await checkFile(folder.write("config.yaml", "managers: [{ use: ./acme.mjs }]"));

    expect(checked).toMatchObject({
      ok: false,
      problems: [{ code: "E_CONFIG_OPTION", message: expect.stringContaining("is wrong") }],
    });
  });
});

it.each([
  ["throws when it is loaded", 'throw new Error("no");', /Correct the module, or report it to the author/],
  ["imports what is not installed", 'import "acme-client";', /Install what it imports/],
])("a plugin that %s is told how to mend", async (_, source, fix) => {
  const folder = createConfigFolder();
  folder.write("acme.mjs", source);
  const checked = await checkFile(folder.write("config.yaml", "managers: [{ use: ./acme.mjs }]\n"));

  expect(checked).toMatchObject({
    ok: false,
    problems: [{ code: "E_CONFIG_PLUGIN_LOAD", fix: expect.stringMatching(fix) as unknown }],
  });
});
