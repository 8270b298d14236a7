/** Reads a page of docs/managers: its commands, blocks, and what its tasks ask for. */
import { decodeRequests, type Pod, type SecretRequest } from "@pod-secrets/core";
import { parse } from "yaml";

import { textOf } from "./documents.ts";

/** `$ NAME=value npm run -s pod-secrets -- ARGUMENTS`, and what it says. */
export interface Command {
  readonly env: readonly (readonly [name: string, value: string])[];
  readonly args: readonly string[];
  readonly output: string;
}

export function sectionOf(page: string, heading: string): string {
  return page.split(`\n## ${heading}\n`)[1]?.split("\n## ")[0] ?? "";
}

/** What is in each block of a language. */
export function blocksIn(page: string, language: string): readonly string[] {
  return [...page.matchAll(new RegExp(`^\`\`\`${language}\n([^]*?)^\`\`\`$`, "gm"))].map(([, text = ""]) => text);
}

/** The text without its blocks. */
export function proseOf(page: string): string {
  return page.replaceAll(/^```[^]*?^```$/gm, "");
}

export function commandsIn(page: string): readonly Command[] {
  return blocksIn(page, "console").map((block) => {
    const [, before = "", line = "", output = ""] =
      /^\$ (.*?)npm run -s pod-secrets -- (.*)\n([^]*)$/.exec(block) ?? [];
    const env = [...before.matchAll(/(\w+)=(\S+)/g)].map(([, name = "", value = ""]) => [name, value] as const);
    return { env, args: line.split(" "), output };
  });
}

/** What a task asks for, whatever the annotation is called. */
export type Asked = Omit<SecretRequest, "source">;

/** Each `Secret(...)` of flytekit. */
export function secretsIn(page: string): readonly Asked[] {
  const calls = blocksIn(page, "python").flatMap((text) => [...text.matchAll(/\bSecret\(([^()]*)\)/g)]);
  return calls.map(([, list = ""]) => {
    const given = new Map(
      [...list.matchAll(/(\w+)=(?:"([^"]*)"|Secret\.MountType\.(\w+))/g)].map(([, name, text, mount]) => [
        name,
        text ?? mount,
      ]),
    );
    return {
      group: given.get("group") ?? "",
      groupVersion: given.get("group_version") ?? "",
      key: given.get("key") ?? "",
      mountRequirement: (given.get("mount_requirement") ?? "ANY") as Asked["mountRequirement"],
      envVar: given.get("env_var") ?? "",
    };
  });
}

/** What a pod of the examples asks for. */
export function asksOf(file: string): readonly Asked[] {
  const { metadata } = parse(textOf(file)) as Pod;
  return decodeRequests(metadata?.annotations).map(({ source: _source, ...asked }) => asked);
}
