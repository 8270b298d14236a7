/** The program's command line. */
import { parseArgs } from "node:util";
import { quoted } from "@pod-secrets/core";

import { FetchFailure } from "../failure.ts";
import { REQUEST_ENV_VAR } from "../request/fetch-request.ts";

/** What the arguments ask for. */
export type Flags =
  | { readonly kind: "help" | "version" }
  | {
      readonly kind: "run";
      /** File that holds the request; the env var when left out. */
      readonly request: string | undefined;
      /** Whether it goes on, and refreshes the files. */
      readonly watch: boolean;
      /** File for the line that says why it failed. */
      readonly terminationLog: string | undefined;
    };

const OPTIONS = {
  help: { type: "boolean", short: "h" },
  version: { type: "boolean", short: "v" },
  request: { type: "string" },
  watch: { type: "boolean" },
  "termination-log": { type: "string" },
} as const;

/** What `--help` shows of each flag. */
export const FLAG_TEXTS: readonly (readonly [flag: string, text: string])[] = [
  ["--request FILE", `Read the request from FILE. Default: the env var ${REQUEST_ENV_VAR}.`],
  ["--watch", "Refresh the files again and again, until SIGTERM. They must have been fetched before."],
  [
    "--termination-log FILE",
    "Write the reason of a failure to FILE. Default: /dev/termination-log, where that exists.",
  ],
  ["-h, --help", "Show this help."],
  ["-v, --version", "Show the version."],
];

/** @throws FetchFailure `wrong-request` */
export function readFlags(args: readonly string[]): Flags {
  const { values, positionals, tokens } = parseArgs({
    args: [...args],
    options: OPTIONS,
    strict: false,
    tokens: true,
    allowPositionals: true,
  });
  for (const token of tokens) {
    if (token.kind !== "option") continue;
    const option = Object.hasOwn(OPTIONS, token.name) ? OPTIONS[token.name as keyof typeof OPTIONS] : undefined;
    if (option === undefined) throw wrong(`there is no flag ${quoted(token.rawName)}`);
    // `--request --watch` forgot a value.
    const isNextFlag = token.inlineValue === false && token.value.startsWith("-");
    const hasValue = token.value !== undefined && token.value !== "" && !isNextFlag;
    if ((option.type === "string") !== hasValue) throw wrong(`${token.rawName} takes ${hasValue ? "no" : "a"} value`);
  }
  if (positionals[0] !== undefined) throw wrong(`there is no argument ${quoted(positionals[0])}`);
  if (values.help === true) return { kind: "help" };
  if (values.version === true) return { kind: "version" };
  const text = (value: string | boolean | undefined): string | undefined =>
    typeof value === "string" ? value : undefined;
  return {
    kind: "run",
    request: text(values.request),
    watch: values.watch === true,
    terminationLog: text(values["termination-log"]),
  };
}

function wrong(what: string): FetchFailure {
  return new FetchFailure("wrong-request", `wrong use: ${what}`, "See `pod-secrets-fetch --help`.");
}
