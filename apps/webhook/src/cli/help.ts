/** The texts of `--help`, drawn from what the commands declare. */
import { HELP } from "./command-line.ts";
import type { Command, Flag } from "./command.ts";
import { EXIT_CODES, type ExitCodeName } from "./exit-codes.ts";

const WIDTH = 100;

/** `pod-secrets --help` */
export function describeProgram(commands: readonly Command[], version: string): string {
  const rows = commands.map(({ name, summary }) => [name, summary] as const);
  return [
    `pod-secrets ${version}: gives Kubernetes pods the secrets they ask for.`,
    "",
    "Usage: pod-secrets COMMAND [FLAGS] [FILE...]",
    "",
    "Commands:",
    ...table(rows),
    "",
    "`pod-secrets COMMAND --help` (or `pod-secrets help COMMAND`) shows more of one; `pod-secrets --version` the version.",
    "Data goes to standard output, everything else to standard error. Colours: only on a terminal; NO_COLOR and",
    "FORCE_COLOR decide otherwise.",
    "",
    "Exit codes:",
    ...exitRows(Object.keys(EXIT_CODES) as ExitCodeName[]),
    "",
  ].join("\n");
}

/** `pod-secrets COMMAND --help` */
export function describeCommand(command: Command): string {
  const { summary, description, positionals, examples, exits } = command;
  const flags = [...command.flags, HELP].map((flag) => [flagUsage(flag), flagText(flag)] as const);
  return [
    summary,
    "",
    ...wrap(`Usage: ${usage(command)}`, WIDTH, "         "),
    "",
    ...description.flatMap((paragraph) => wrap(paragraph, WIDTH).concat("")),
    ...(positionals === undefined ? [] : ["Arguments:", ...table([[positionals.value, positionals.summary]]), ""]),
    "Flags:",
    ...table(flags),
    "",
    "Examples:",
    ...examples.flatMap((example) => [`  # ${example.summary}`, `  ${example.command}`]),
    "",
    "Exit codes:",
    ...exitRows([...exits, "internal"]),
    "",
  ].join("\n");
}

/** `pod-secrets inject [--config FILE] [--review] FILE...` */
export function usage({ name, flags, positionals }: Command): string {
  const optional = flags.map((flag) => `[--${flag.name}${flag.value === undefined ? "" : ` ${valueText(flag)}`}]`);
  const rest = positionals === undefined ? [] : [`${positionals.value}...`];
  return ["pod-secrets", name, ...optional, ...rest].join(" ");
}

/** `-o, --output yaml|json` */
export function flagUsage(flag: Flag): string {
  const short = flag.short === undefined ? "    " : `-${flag.short}, `;
  return `${short}--${flag.name}${flag.value === undefined ? "" : ` ${flag.value}`}`;
}

/** What a flag means, takes and is without. */
export function flagText(flag: Flag): string {
  const choices = flag.choices === undefined ? [] : [`One of ${flag.choices.join(", ")}.`];
  const otherwise = flag.default === undefined ? [] : [`Default: ${flag.default}.`];
  return [flag.summary, ...choices, ...otherwise].join(" ");
}

function valueText(flag: Flag): string {
  return flag.choices === undefined ? (flag.value ?? "") : flag.choices.join("|");
}

function exitRows(names: readonly ExitCodeName[]): readonly string[] {
  return table(names.map((name) => [String(EXIT_CODES[name].code), EXIT_CODES[name].meaning] as const));
}

function table(rows: readonly (readonly [string, string])[]): readonly string[] {
  const left = Math.max(...rows.map(([name]) => name.length));
  return rows.flatMap(([name, text]) => {
    const [first = "", ...rest] = wrap(text, WIDTH - left - 4);
    return [`  ${name.padEnd(left)}  ${first}`, ...rest.map((line) => `${" ".repeat(left + 4)}${line}`)];
  });
}

function wrap(text: string, width: number, indent = ""): readonly string[] {
  const lines: string[] = [];
  let line = "";
  // What stands in brackets stays together.
  for (const word of text.match(/\[[^\]]*\]|\S+/g) ?? []) {
    if (line !== "" && line.length + word.length + 1 > width) {
      lines.push(line);
      line = indent + word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}
