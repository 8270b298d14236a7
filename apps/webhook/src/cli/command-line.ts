/** Arguments -> what to do, by what the commands declare. */
import { parseArgs, type ParseArgsOptionDescriptor } from "node:util";
import { quoted } from "@pod-secrets/core";

import { nearestName } from "../config/nearest-name.ts";
import { AppError } from "../errors.ts";
import type { Command, Flag, Invocation } from "./command.ts";

/** What the arguments ask for. */
export type Request =
  | { readonly kind: "run"; readonly command: Command; readonly invocation: Invocation }
  | { readonly kind: "help"; readonly command: Command | undefined }
  | { readonly kind: "version" };

/**
 * Reads the arguments.
 * @param args without the program itself
 * @throws AppError `E_USAGE`
 */
export function readCommandLine(args: readonly string[], commands: readonly Command[]): Request {
  const [first, ...rest] = args;
  if (first === undefined) {
    throw new AppError("E_USAGE", "no command is given", "Run `pod-secrets --help` to see the commands.");
  }
  if (first === "--help" || first === "-h") return { kind: "help", command: undefined };
  if (first === "--version" || first === "-v") return { kind: "version" };
  if (first === "help") return { kind: "help", command: readHelpTopic(rest, commands) };
  const command = findCommand(first, commands);
  return readFlags(command, rest);
}

function readHelpTopic(topics: readonly string[], commands: readonly Command[]): Command | undefined {
  const [topic] = topics;
  return topic === undefined || topic.startsWith("-") ? undefined : findCommand(topic, commands);
}

function findCommand(name: string, commands: readonly Command[]): Command {
  const found = commands.find((command) => command.name === name);
  if (found !== undefined) return found;
  const names = commands.map((command) => command.name);
  if (name.startsWith("-")) {
    throw new AppError(
      "E_USAGE",
      `${quoted(name)} stands before the command`,
      "Write the command first, as in `pod-secrets inject FILE`.",
    );
  }
  throw new AppError(
    "E_USAGE",
    `there is no command ${quoted(name)}`,
    suggest(nearestName(name, names), `Use one of: ${names.join(", ")}.`),
  );
}

function readFlags(command: Command, args: readonly string[]): Request {
  const known = [...command.flags, HELP];
  const options = Object.fromEntries(known.map((flag) => [flag.name, parseArgsOption(flag)]));
  // Not strict: the tokens are judged here, so that each fault gets its own words.
  const { tokens } = parseArgs({ args: [...args], options, strict: false, tokens: true, allowPositionals: true });
  const given = new Map<string, string>();
  const positionals: string[] = [];
  for (const token of tokens) {
    if (token.kind === "positional") positionals.push(token.value);
    if (token.kind !== "option") continue;
    const flag = known.find(({ name }) => name === token.name);
    if (flag === undefined) throw unknownFlag(token.rawName, command);
    given.set(flag.name, readValue(flag, token));
  }
  if (given.has(HELP.name)) return { kind: "help", command };
  checkPositionals(command, positionals);
  const invocation: Invocation = {
    value: (flag) => given.get(flag),
    isOn: (flag) => given.has(flag),
    positionals,
  };
  return { kind: "run", command, invocation };
}

function parseArgsOption({ short, value }: Flag): ParseArgsOptionDescriptor {
  const type = value === undefined ? "boolean" : "string";
  return short === undefined ? { type } : { type, short };
}

/** Every command has it. */
export const HELP: Flag = { name: "help", short: "h", summary: "Show this help." };

interface OptionToken {
  readonly rawName: string;
  readonly value?: string | undefined;
  readonly inlineValue?: boolean | undefined;
}

function readValue(flag: Flag, token: OptionToken): string {
  const { rawName, value } = token;
  if (flag.value === undefined) {
    if (value === undefined) return "";
    throw new AppError("E_USAGE", `${rawName} takes no value`, `Write ${rawName} alone.`);
  }
  // `--config --profile x` forgot a value; `-` is standard input, and `--config=-x` is meant.
  const isNextFlag = token.inlineValue === false && value !== undefined && value !== "-" && value.startsWith("-");
  if (value === undefined || value === "" || isNextFlag) {
    throw new AppError("E_USAGE", `${rawName} has no value`, `Write ${rawName} ${flag.value}.`);
  }
  if (flag.choices === undefined || flag.choices.includes(value)) return value;
  const choices = `Use one of: ${flag.choices.join(", ")}.`;
  throw new AppError(
    "E_USAGE",
    `${rawName} cannot be ${quoted(value)}`,
    suggest(nearestName(value, flag.choices), choices),
  );
}

function unknownFlag(rawName: string, command: Command): AppError {
  const names = [...command.flags, HELP].map(({ name }) => `--${name}`);
  const nearest = rawName.startsWith("--") ? nearestName(rawName, names) : undefined;
  const help = `Run \`pod-secrets ${command.name} --help\` to see its flags.`;
  return new AppError("E_USAGE", `${command.name} has no flag ${quoted(rawName)}`, suggest(nearest, help));
}

function checkPositionals({ name, positionals }: Command, given: readonly string[]): void {
  const [first] = given;
  if (positionals === undefined && first !== undefined) {
    throw new AppError("E_USAGE", `${name} takes no argument, and got ${quoted(first)}`, "Leave it out.");
  }
  if (positionals !== undefined && given.length < positionals.min) {
    throw new AppError(
      "E_USAGE",
      `${name} needs a ${positionals.value}`,
      `Write \`pod-secrets ${name} ${positionals.value}\`; \`pod-secrets ${name} --help\` shows more.`,
    );
  }
}

function suggest(nearest: string | undefined, otherwise: string): string {
  return nearest === undefined ? otherwise : `Did you mean ${nearest}? ${otherwise}`;
}
