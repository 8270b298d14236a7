/** `docs/errors.md`, drawn from every table of errors: core's, the app's and those of the built-in injectors. */
import { ERRORS, type ErrorEntry, type InjectorPlugin } from "@pod-secrets/core";

import { EXIT_CODES, exitOf } from "../cli/exit-codes.ts";
import { APP_ERRORS, CONFIG_ERRORS, TELEMETRY_ERRORS, type AppErrorCode } from "../errors.ts";
import { GLOBAL_INJECTOR } from "../compose/built-in-injectors.ts";
import { BUILT_IN_MANAGERS } from "../compose/every-built-in.ts";

/** Codes that show in the same place. */
export interface ErrorSection {
  readonly title: string;
  /** Where the reader meets them, in Markdown. */
  readonly place: string;
  /** Their codes, in the order of the document. */
  readonly entries: readonly ErrorRow[];
}

/** One code. */
export interface ErrorRow extends ErrorEntry {
  readonly code: string;
  /** What a command ends with that meets it. */
  readonly exit: string;
}

/** Every code that a user may see, section by section. */
export function errorSections(): readonly ErrorSection[] {
  const { E_REVIEW, ...refusals } = ERRORS;
  return [
    {
      title: "A pod is refused",
      place:
        "In the answer to whoever creates the pod, on standard error of `inject`, in `explain`, in the log and in the metrics. With `onFailure: admit` it is an admission warning instead. A refusal of several secrets names the code of each.",
      entries: rows(refusals, exitCode("refused")),
    },
    ...pluginSections(),
    {
      title: "A request is no admission review",
      place: "As HTTP 400 with a `Status`, and on standard error of `inject --review`.",
      entries: rows({ E_REVIEW }, exitCode("misuse")),
    },
    {
      title: "The config file is wrong",
      place:
        "As `FILE:LINE:COLUMN: CODE: what. Fix: ...` from every command that reads the file. While the webhook serves, they are in its log, and the last good config stays in force. `W_` codes are warnings, which stop nothing.",
      entries: Object.entries(CONFIG_ERRORS).map(([code, entry]) => ({
        code,
        ...entry,
        exit: exitCode(code.startsWith("W_") ? "done" : "misuse"),
      })),
    },
    {
      title: "A command fails",
      place:
        "On standard error, as `pod-secrets: CODE: what. Fix: ...`. `E_INTERNAL` is also in the answer of a webhook that failed.",
      entries: Object.entries(APP_ERRORS)
        .filter(([code]) => !Object.hasOwn(CONFIG_ERRORS, code))
        .map(([code, entry]) => ({ code, ...entry, exit: exitCode(exitOf(code as AppErrorCode)) })),
    },
    {
      title: "Telemetry is lost",
      place: "In the log, once until it works again. Admissions go on.",
      entries: rows(TELEMETRY_ERRORS, exitCode("done")),
    },
  ];
}

/** The text of the whole file. */
export function errorsDocument(): string {
  return `${[...intro(), ...errorSections().flatMap(sectionLines)].join("\n")}\n`;
}

function pluginSections(): readonly ErrorSection[] {
  return [...globalSection(GLOBAL_INJECTOR), ...BUILT_IN_MANAGERS.flatMap(managerSection)];
}

function globalSection({ name, errors }: InjectorPlugin): readonly ErrorSection[] {
  if (errors === undefined) return [];
  const place =
    "In the log, and on standard error of the command as the cause of [`E_CONFIG_PLUGIN_START`](#e_config_plugin_start). Later, while the webhook serves, in the log alone: the last good secrets stay.";
  return [{ title: `${name}: the webhook does not start`, place, entries: rows(errors, exitCode("misuse")) }];
}

function managerSection({ name, errors }: InjectorPlugin): readonly ErrorSection[] {
  if (errors === undefined) return [];
  const place = `Where the codes of core show. [managers/${name}.md](managers/${name}.md#when-it-fails) says what else one may see.`;
  return [{ title: `${name}: a pod is refused`, place, entries: rows(errors, exitCode("refused")) }];
}

function rows(table: Readonly<Record<string, ErrorEntry>>, exit: string): readonly ErrorRow[] {
  return Object.entries(table).map(([code, entry]) => ({ code, ...entry, exit }));
}

function exitCode(name: keyof typeof EXIT_CODES): string {
  return String(EXIT_CODES[name].code);
}

function intro(): readonly string[] {
  return [
    "<!-- Generated from the tables of errors in packages/core/src/errors.ts, apps/webhook/src/errors.ts and the injectors by `npm run schema`. -->",
    "",
    "# Error codes",
    "",
    "A code is stable: it keeps its meaning, and may be searched for. A message says in one line what happened and where, and what to do; it never holds a secret value. Codes of an injector start with its name. Those of an injector of somebody else are explained in its own documents. [Exit codes](cli.md#the-command) are those of the command that meets the error.",
  ];
}

function sectionLines({ title, place, entries }: ErrorSection): readonly string[] {
  return ["", `## ${title}`, "", place, ...entries.flatMap(entryLines)];
}

function entryLines({ code, summary, why, fix, exit }: ErrorRow): readonly string[] {
  return ["", `### ${code}`, "", `**${summary}.** ${why}`, "", `- Fix: ${fix}`, `- Exit code: ${exit}.`];
}
