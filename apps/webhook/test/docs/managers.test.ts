/** docs/managers has a page per manager, of one shape; its configs are read, its commands run, its codes and messages exist. */
import { globSync } from "node:fs";
import { basename, join } from "node:path";

import type { InjectorPlugin } from "@pod-secrets/core";
import { afterEach, describe, expect, test, vi } from "vitest";

import { BUILT_IN_INJECTORS } from "../../src/compose/every-built-in.ts";
import { folderOf, run } from "../cli/running.ts";
import { codesIn, root, tableUnder, textOf } from "./documents.ts";
import { CODES, isLikeCode, isSaid, isSaidWith } from "./known-messages.ts";
import { asksOf, blocksIn, commandsIn, proseOf, secretsIn, sectionOf, type Command } from "./manager-page.ts";

const HEADINGS = [
  "When to use it",
  "Configuration",
  "How a task asks",
  "What the pod gets",
  "Permissions",
  "When it fails",
  "Limits",
];

/** What a command says in the root of the repository, wherever the test runs. */
async function outputOf({ args, env }: Command): Promise<string> {
  for (const [name, value] of env) vi.stubEnv(name, value);
  const { stdout, stderr } = await run(args.map((word) => (word.startsWith("examples/") ? join(root, word) : word)));
  return `${stderr}${stdout}`.replaceAll(`${root}/`, "").trimEnd();
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
  const links = BUILT_IN_INJECTORS.map(({ name }) => `(docs/managers/${name}.md)`);
  expect(links.filter((link) => !textOf("README.md").includes(link))).toEqual([]);
});

describe.each(BUILT_IN_INJECTORS)("the page of $name", ({ name, meta }: InjectorPlugin) => {
  const page = textOf(`docs/managers/${name}.md`);
  const failures = tableUnder(page, "When it fails");

  test("has the headings of all pages, in their order, and something below each", () => {
    expect([...proseOf(page).matchAll(/^## (.*)$/gm)].map(([, heading]) => heading)).toEqual(HEADINGS);
    expect(HEADINGS.filter((heading) => sectionOf(page, heading).trim() === "")).toEqual([]);
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

  test("asks as the pod of its command does", () => {
    const section = sectionOf(page, "How a task asks");
    const [command] = commandsIn(section);
    expect(command?.args.slice(0, -1)).toEqual(["explain", "--config", `examples/config/${name}.yaml`]);
    expect(secretsIn(section)).toEqual(asksOf(command?.args.at(-1) ?? ""));
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
    const notGiven = (["FILE", "ENV_VAR"] as const).filter((mount) => !meta.mounts.includes(mount));
    for (const mount of notGiven) expect(rows.get(mount)).toContain("left to the next manager");
  });

  test("says for each failure where one sees it, the message, the cause, and what to do", () => {
    expect(failures.length).toBeGreaterThan(3);
    expect(failures.filter((row) => row.length !== 4 || row.includes(""))).toEqual([]);
  });

  test("names only codes that there are", () => {
    const named = codesIn(proseOf(page)).filter(isLikeCode);
    expect(named).not.toEqual([]);
    expect(named.filter((code) => !CODES.has(code))).toEqual([]);
  });

  test("quotes messages as they are, and those of the program that fetches with their code", () => {
    const quoted = failures.map(([, cell = ""]) => {
      const texts = codesIn(cell);
      return { codes: texts.filter(isLikeCode), messages: texts.filter((text) => !isLikeCode(text)) };
    });
    expect(quoted.flatMap(({ messages }) => messages)).not.toEqual([]);
    expect(quoted.flatMap(({ messages }) => messages).filter((message) => !isSaid(message))).toEqual([]);
    const fetched = quoted.filter(({ codes }) => codes.some((code) => code.startsWith("fetch/")));
    const wrong = fetched.filter(({ codes, messages }) => !messages.every((message) => isSaidWith(message, codes)));
    expect(wrong).toEqual([]);
  });
});

/** What a service of AWS is called in a policy, by the start of a call's `X-Amz-Target`. */
const SERVICES: Readonly<Record<string, string>> = { secretsmanager: "secretsmanager", TrentService: "kms" };

test.each([
  // Secrets Manager decrypts with a key of one's own in the name of the caller.
  ["aws", "aws-secretsmanager", ["kms:Decrypt"]],
  ["confidant", "confidant", []],
])("the policy on the page of %s allows what the program calls, and no more", (name, provider, besides) => {
  const [policy = ""] = blocksIn(sectionOf(textOf(`docs/managers/${name}.md`), "Permissions"), "json");
  const { Statement: statements } = JSON.parse(policy) as {
    readonly Statement: readonly { readonly Action: string }[];
  };
  const files = globSync(`packages/secret-fetch/src/providers/${provider}/*.ts`, { cwd: root });
  const targets = [
    ...files
      .map(textOf)
      .join("\n")
      .matchAll(/"(secretsmanager|TrentService)\.(\w+)"/g),
  ];
  const called = targets.map(([, service = "", action = ""]) => `${SERVICES[service]}:${action}`);
  expect(statements.map(({ Action }) => Action)).toEqual([...called, ...besides]);
});
