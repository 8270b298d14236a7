/** `docs/cli.md`, drawn from what the commands declare. */
import { HELP } from "../cli/command-line.ts";
import type { Command } from "../cli/command.ts";
import { COMMANDS } from "../cli/commands.ts";
import { EXIT_CODES, type ExitCodeName } from "../cli/exit-codes.ts";
import { flagText, flagUsage, usage } from "../cli/help.ts";

/** The text of the whole file. */
export function commandReference(): string {
  return `${[...intro(), ...COMMANDS.flatMap(section)].join("\n")}\n`;
}

function intro(): readonly string[] {
  return [
    "<!-- Generated from apps/webhook/src/cli/commands by `npm run schema`. -->",
    "",
    "# The command",
    "",
    "From a checkout, `npm run -s pod-secrets -- ARGS` runs the built command with `ARGS`.",
    "",
    "Data goes to standard output, everything else to standard error. Colours appear on a terminal only; `NO_COLOR` turns them off, and `FORCE_COLOR` on. An error is one line with its code, what happened and `Fix: what to do.`; it starts with the file, line and column where there is one, and with `pod-secrets:` otherwise. Under npm the `--` is needed: without it npm takes the flags. The codes are explained in [errors.md](errors.md).",
    "",
    ...table(
      ["Command", "What it does"],
      COMMANDS.map(({ name, summary }) => [`[\`${name}\`](#${name})`, summary]),
    ),
    "",
    "`pod-secrets COMMAND --help` shows the same on the terminal, and `pod-secrets --version` the version.",
    "",
    ...exitTable(Object.keys(EXIT_CODES) as ExitCodeName[]),
  ];
}

function section(command: Command): readonly string[] {
  const { name, summary, description, flags, positionals, examples, exits } = command;
  return [
    "",
    `## ${name}`,
    "",
    summary,
    "",
    "```text",
    usage(command),
    "```",
    "",
    ...description.flatMap((paragraph) => [paragraph, ""]),
    ...(positionals === undefined ? [] : [`\`${positionals.value}\`: ${positionals.summary}`, ""]),
    ...table(
      ["Flag", "Meaning"],
      [...flags, HELP].map((flag) => [`\`${flagUsage(flag).trim()}\``, flagText(flag)]),
    ),
    "",
    "```sh",
    ...examples.flatMap((example) => [`# ${example.summary}`, example.command]),
    "```",
    "",
    `Exit codes: ${[...exits, "internal" as const].map((exit) => EXIT_CODES[exit].code).join(", ")}.`,
  ];
}

function exitTable(exits: readonly ExitCodeName[]): readonly string[] {
  return table(
    ["Exit code", "Meaning"],
    exits.map((exit) => [String(EXIT_CODES[exit].code), EXIT_CODES[exit].meaning]),
  );
}

/** Columns are padded, as the formatter of this repository has them. */
function table(head: readonly [string, string], rows: readonly (readonly [string, string])[]): readonly string[] {
  const all = [head, ...rows];
  const width = [0, 1].map((column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[], fill = " "): string =>
    `| ${row.map((cell, column) => cell.padEnd(width[column] ?? 0, fill)).join(" | ")} |`;
  return [line(head), line(["", ""], "-"), ...rows.map((row) => line(row))];
}
