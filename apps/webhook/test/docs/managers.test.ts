/** docs/managers has a page per manager, of one shape; its configs are read, its commands run, its codes and messages exist. */
import { globSync } from "node:fs";
import { basename, join } from "node:path";

import { decodeRequests, type InjectorPlugin, type Pod, type SecretRequest } from "@pod-secrets/core";
import { afterEach, describe, expect, test, vi } from "vitest";
import { parse } from "yaml";

import { BUILT_IN_INJECTORS } from "../../src/compose/built-in-injectors.ts";
import { errorSections } from "../../src/documents/errors-document.ts";
import { folderOf, run } from "../cli/running.ts";
import { codesIn, root, tableUnder, textOf } from "./documents.ts";

const HEADINGS = [
  "When to use it",
  "Configuration",
  "How a task asks",
  "What the pod gets",
  "Permissions",
  "When it fails",
  "Limits",
];

/** Kinds of failure of the program that fetches, such as `denied`. */
const KINDS = tableUnder(textOf("docs/fetch.md"), "When it fails").flatMap(([, kind = ""]) => codesIn(kind));

/** Every code that a reader may meet: those of the webhook, and those of the program that fetches. */
const CODES: ReadonlySet<string> = new Set([
  ...errorSections().flatMap(({ entries }) => entries.map(({ code }) => code)),
  ...KINDS.map((kind) => `fetch/${kind}`),
]);

/** What the webhook and the program that fetches say stands in their sources; what others say, in the tests that saw it. */
const SOURCES = globSync(["packages/*/src/**/*.ts", "apps/*/src/**/*.ts", "e2e/test/**/*.ts"], { cwd: root })
  .map(textOf)
  .join("\n");

/** Each source of the program that fetches. */
const FETCH_SOURCES = globSync("packages/secret-fetch/src/**/*.ts", { cwd: root }).map(textOf);

interface Command {
  readonly env: Readonly<Record<string, string>>;
  readonly args: readonly string[];
  readonly output: string;
}

/** `$ NAME=value npm run -s pod-secrets -- ARGUMENTS`, and what it says, from each console block. */
function commandsIn(page: string): readonly Command[] {
  return [...page.matchAll(/^```console\n\$ (.*?)npm run -s pod-secrets -- (.*)\n([^]*?)^```$/gm)].map(
    ([, before = "", line = "", output = ""]) => ({
      env: Object.fromEntries(before.split(" ").flatMap((word) => (word === "" ? [] : [word.split("=", 2)]))) as never,
      args: line.split(" "),
      output,
    }),
  );
}

/** What it says from the root of the repository, wherever the test runs. */
async function outputOf({ args, env }: Command): Promise<string> {
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  const { stdout, stderr } = await run(args.map((word) => (word.startsWith("examples/") ? join(root, word) : word)));
  return `${stderr}${stdout}`.replaceAll(`${root}/`, "").trimEnd();
}

function blocksIn(page: string, language: string): readonly string[] {
  return [...page.matchAll(new RegExp(`^\`\`\`${language}\n([^]*?)^\`\`\`$`, "gm"))].map(([, text = ""]) => text);
}

type Asked = Pick<SecretRequest, "group" | "groupVersion" | "key" | "mountRequirement" | "envVar">;

/** Each `Secret(...)` of flytekit. */
function secretsIn(page: string): readonly Asked[] {
  const calls = blocksIn(page, "python").flatMap((text) => [...text.matchAll(/\bSecret\(([^()]*)\)/g)]);
  return calls.map(([, list = ""]) => {
    const argument = (name: string): string => new RegExp(`\\b${name}=(?:"([^"]*)")`).exec(list)?.[1] ?? "";
    const mount = /\bmount_requirement=Secret\.MountType\.(\w+)/.exec(list)?.[1] ?? "ANY";
    return {
      group: argument("group"),
      groupVersion: argument("group_version"),
      key: argument("key"),
      mountRequirement: mount as Asked["mountRequirement"],
      envVar: argument("env_var"),
    };
  });
}

function requestsOf(file: string): readonly Asked[] {
  const { metadata } = parse(textOf(file)) as Pod;
  return decodeRequests(metadata?.annotations).map(({ source: _source, ...asked }) => asked);
}

function sectionOf(page: string, heading: string): string {
  return page.split(`\n## ${heading}\n`)[1]?.split("\n## ")[0] ?? "";
}

/** Parts of a message that are the same in each: what is between its `...`. */
function fixedParts(message: string): readonly string[] {
  return message
    .split("...")
    .map((part) => part.trim())
    .filter((part) => part !== "");
}

afterEach(() => vi.unstubAllEnvs());

test("every manager that comes along has a page, and no other", () => {
  const pages = globSync("docs/managers/*.md", { cwd: root }).map((file) => basename(file, ".md"));
  expect(pages.toSorted()).toEqual(["README", ...BUILT_IN_INJECTORS.map(({ name }) => name)].toSorted());
});

test("the table to choose by has each of them, in the order of the list", () => {
  const rows = tableUnder(textOf("docs/managers/README.md"), "Which one");
  const links = BUILT_IN_INJECTORS.map(({ name }) => `[${name}](${name}.md)`);
  expect(rows.map(([first]) => first)).toEqual(links);
  expect(rows.filter((row) => row.includes(""))).toEqual([]);
});

test("README.md leads to each page", () => {
  const readme = textOf("README.md");
  for (const { name } of BUILT_IN_INJECTORS) expect(readme).toContain(`(docs/managers/${name}.md)`);
});

describe.each(BUILT_IN_INJECTORS)("the page of $name", ({ name, meta }: InjectorPlugin) => {
  const page = textOf(`docs/managers/${name}.md`);

  test("has the headings of all pages, in their order, and something below each", () => {
    expect([...page.matchAll(/^## (.*)$/gm)].map(([, heading]) => heading)).toEqual(HEADINGS);
    for (const heading of HEADINGS) expect(sectionOf(page, heading).trim()).not.toBe("");
    expect(page).toContain(`(../../packages/injector-${name}`);
  });

  test("shows the config of the examples first, and only such as can be read", async () => {
    const configs = blocksIn(sectionOf(page, "Configuration"), "yaml");
    const [, ...example] = textOf(`examples/config/${name}.yaml`).split("\n");
    expect(configs[0]).toBe(example.join("\n"));
    for (const text of configs) {
      const file = join(folderOf({ "config.yaml": text }), "config.yaml");
      expect(await run(["validate", file])).toMatchObject({ exit: 0, stderr: "" });
    }
  });

  test("asks as the pods of its command do", () => {
    const asks = sectionOf(page, "How a task asks");
    const [command] = commandsIn(asks);
    expect(command?.args).toEqual(expect.arrayContaining(["explain", `examples/config/${name}.yaml`]));
    expect(secretsIn(asks)).toEqual(requestsOf(command?.args.at(-1) ?? ""));
  });

  test("has commands that say what it shows: what a pod gets, and a message when it gets nothing", async () => {
    const commands = commandsIn(page);
    expect(commands).toHaveLength(2);
    for (const command of commands) expect(await outputOf(command)).toBe(command.output.trimEnd());
    expect(sectionOf(page, "When it fails")).toContain("The pod is refused: ");
  });

  test("says what FILE, ANY, ENV_VAR and env_var give", () => {
    const rows = new Map(tableUnder(page, "What the pod gets").map(([first = "", ...rest]) => [first, rest.join(" ")]));
    expect([...rows.keys()]).toEqual(["FILE", "ANY", "ENV_VAR", "`env_var`"]);
    for (const mount of ["FILE", "ENV_VAR"] as const)
      if (!meta.mounts.includes(mount)) expect(rows.get(mount)).toContain("left to the next manager");
  });

  test("says for each failure where one sees it, the cause, and what to do", () => {
    const rows = tableUnder(page, "When it fails");
    expect(rows.length).toBeGreaterThan(3);
    expect(rows.filter((row) => row.length !== 4 || row.includes(""))).toEqual([]);
  });

  test("names only codes that there are", () => {
    const prose = page.replaceAll(/^```[^]*?^```$/gm, "");
    const named = codesIn(prose).filter(isLikeCode);
    expect(named).not.toEqual([]);
    expect(named.filter((code) => !CODES.has(code))).toEqual([]);
  });

  test("quotes messages as they are", () => {
    const messages = tableUnder(page, "When it fails").flatMap(([, message = ""]) => codesIn(message));
    const quoted = messages.filter((text) => !CODES.has(text));
    expect(quoted).not.toEqual([]);
    expect(quoted.flatMap(fixedParts).filter((part) => !SOURCES.includes(part))).toEqual([]);
  });

  test("quotes messages of the program that fetches with the code that they have", () => {
    const wrong = tableUnder(page, "When it fails").filter(([, message = ""]) => {
      const said = codesIn(message);
      const kinds = said.flatMap((code) => (CODES.has(code) && code.startsWith("fetch/") ? [code.slice(6)] : []));
      const parts = said.filter((text) => !CODES.has(text)).flatMap(fixedParts);
      return kinds.length > 0 && !parts.some((part) => kindsOf(part).some((kind) => kinds.includes(kind)));
    });
    expect(wrong).toEqual([]);
  });
});

/** With which kinds a text stands in the sources of the program that fetches: the one that is named last before it. */
function kindsOf(part: string): readonly string[] {
  const kind = new RegExp(`"(${KINDS.join("|")})"`, "g");
  return FETCH_SOURCES.flatMap((source) => {
    const before = source.split(part).slice(0, -1);
    return before.flatMap((text) => [...text.matchAll(kind)].at(-1)?.[1] ?? []);
  });
}

/** What looks like a code of the webhook, of an injector, or of the program that fetches. */
function isLikeCode(text: string): boolean {
  const owners = ["fetch", ...BUILT_IN_INJECTORS.map(({ name }) => name)];
  return /^[EW]_[A-Z_]+$/.test(text) || owners.some((owner) => new RegExp(`^${owner}/[a-z-]+$`).test(text));
}

/** What an action of AWS is called in a policy, by the `X-Amz-Target` of the call. */
const SERVICES: Readonly<Record<string, string>> = { secretsmanager: "secretsmanager", TrentService: "kms" };

test.each(["aws", "confidant"])("the policy of docs/managers/%s.md allows what the program calls", (name) => {
  const policies = blocksIn(sectionOf(textOf(`docs/managers/${name}.md`), "Permissions"), "json");
  const allowed = policies.flatMap((text) => {
    const { Statement } = JSON.parse(text) as { readonly Statement: readonly { readonly Action: string }[] };
    return Statement.map(({ Action }) => Action);
  });
  const folder = `packages/secret-fetch/src/providers/${name === "aws" ? "aws-secretsmanager" : name}`;
  const provider = globSync(`${folder}/*.ts`, { cwd: root }).map(textOf).join("\n");
  const called = [...provider.matchAll(/"(secretsmanager|TrentService)\.(\w+)"/g)].map(
    ([, service = "", action = ""]) => `${SERVICES[service]}:${action}`,
  );
  // Secrets Manager decrypts with a key of one's own in the name of the caller.
  expect(allowed).toEqual(name === "aws" ? [...called, "kms:Decrypt"] : called);
});
