/** The plugin object: what the webhook reads before it makes an injector. */
import { isDnsLabel, type InjectorPlugin } from "@pod-secrets/core";

import { openInjector } from "../open-injector.ts";
import type { Check } from "./cases.ts";
import { forEachInOrder, withInjector } from "./scenarios.ts";

export const PLUGIN_CHECKS: readonly Check[] = [
  {
    id: "plugin/contract",
    title: "is a plugin of contract version 1 with a DNS label as its name",
    run: async ({ plugin }) => checkContract(plugin),
  },
  {
    id: "plugin/meta",
    title: "says in one line each what it is, and what group and key mean to it",
    run: async ({ plugin }) => checkMeta(plugin),
  },
  {
    id: "plugin/errors",
    title: "explains each error code of its own",
    run: async ({ plugin }) => checkErrors(plugin),
  },
  {
    id: "plugin/options",
    title: "takes the options, and names the option that it does not know",
    run: ({ plugin, cases }) => checkOptions(plugin, cases.options ?? {}),
  },
  {
    id: "plugin/injector",
    title: "makes an injector of its own name",
    run: (subject) =>
      withInjector(subject, async (injector) => {
        const { name } = injector;
        if (typeof injector.inject !== "function") throw new Error("create gave nothing with a function inject");
        if (name !== subject.plugin.name)
          throw new Error(`the injector is named ${name} and the plugin ${subject.plugin.name}: use one name`);
      }),
  },
];

function checkContract(plugin: InjectorPlugin): void {
  const { apiVersion, name, options } = plugin;
  if (apiVersion !== 1) throw new Error(`apiVersion is ${String(apiVersion)}: this suite knows version 1`);
  if (typeof name !== "string" || !isDnsLabel(name))
    throw new Error(`name is ${JSON.stringify(name)}: use lower-case letters, digits and "-", at most 63`);
  if (typeof options?.["~standard"]?.validate !== "function")
    throw new Error("options is no Standard Schema: give a schema of zod 4, valibot or arktype");
  if (typeof plugin.create !== "function") throw new Error("create is no function");
}

const MOUNTS: readonly string[] = ["ENV_VAR", "FILE"];
const STABILITIES: readonly string[] = ["stable", "beta", "experimental"];

function checkMeta({ meta }: InjectorPlugin): void {
  for (const field of ["summary", "group", "key"] as const) {
    const text: unknown = meta[field];
    if (typeof text !== "string" || text.trim() === "") throw new Error(`meta.${field} is empty`);
    if (text.includes("\n")) throw new Error(`meta.${field} has more than one line`);
  }
  if (!meta.summary.endsWith(".")) throw new Error("meta.summary is no sentence with a full stop");
  if (meta.mounts.length === 0) throw new Error("meta.mounts is empty: name what the injector can give");
  if (new Set(meta.mounts).size < meta.mounts.length) throw new Error("meta.mounts names one twice");
  const unknown = meta.mounts.find((mount) => !MOUNTS.includes(mount));
  if (unknown !== undefined) throw new Error(`meta.mounts has ${unknown}: use ${MOUNTS.join(" or ")}`);
  if (!STABILITIES.includes(meta.stability)) throw new Error(`meta.stability is not ${STABILITIES.join(", ")}`);
}

function checkErrors({ name, errors = {} }: InjectorPlugin): void {
  for (const [code, entry] of Object.entries(errors)) {
    if (!code.startsWith(`${name}/`) || !isDnsLabel(code.slice(name.length + 1)))
      throw new Error(`error code ${code} is not ${name}/<what-in-kebab-case>`);
    for (const field of ["summary", "why", "fix"] as const) {
      const text: unknown = entry[field];
      if (typeof text !== "string" || text.trim() === "" || text.includes("\n"))
        throw new Error(`errors["${code}"].${field} is not one line of text`);
    }
    if (!entry.fix.endsWith(".")) throw new Error(`errors["${code}"].fix is no sentence with a full stop`);
  }
}

const UNKNOWN_OPTION = "noSuchOption";

async function checkOptions(plugin: InjectorPlugin, options: unknown): Promise<void> {
  await openInjector(plugin, options).then((injector) => injector.dispose?.());
  const validate = plugin.options["~standard"].validate;
  const { issues } = await validate({ ...(options as object), [UNKNOWN_OPTION]: 1 });
  if (issues === undefined || issues.length === 0)
    throw new Error(`an unknown option passes: a typing error in the config file would too; use a strict object`);
  const named = issues.some(({ message, path }) => message.includes(UNKNOWN_OPTION) || pathHas(path, UNKNOWN_OPTION));
  if (!named) throw new Error("the issue about an unknown option does not name it, neither by path nor in its message");
  await forEachInOrder([null, undefined, 5, "text", [], true], async (wrong) => {
    const result = await validate(wrong);
    if (result.issues === undefined && wrong !== undefined)
      throw new Error(`${JSON.stringify(wrong)} passes as options, and is no object`);
  });
}

type IssuePath = readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;

function pathHas(path: IssuePath, key: string): boolean {
  return (path ?? []).some((part) => (typeof part === "object" ? part.key : part) === key);
}
