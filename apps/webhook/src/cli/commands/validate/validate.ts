/** `pod-secrets validate`: what is wrong with config files, all of it at once. */
import { checkFile, type CheckedFile } from "../../../compose/from-file.ts";
import { formatProblem } from "../../../config/problems.ts";
import type { Invocation } from "../../command.ts";
import { worseExit, type ExitCodeName } from "../../exit-codes.ts";
import { paintFor, print, type Paint, type Streams } from "../../streams.ts";

/** Runs the command. */
export async function run(invocation: Invocation, streams: Streams): Promise<ExitCodeName> {
  const paint = paintFor(streams.stdout);
  let exit: ExitCodeName = "done";
  for (const file of invocation.positionals) {
    // oxlint-disable-next-line no-await-in-loop -- in order, as they are read
    const checked = await checkFile(file);
    const text = invocation.value("output") === "json" ? toJson(file, checked) : toText(file, checked, paint);
    // oxlint-disable-next-line no-await-in-loop
    await print(streams, text);
    exit = worseExit(exit, checked.ok ? "done" : "misuse");
  }
  return exit;
}

function toText(file: string, checked: CheckedFile, paint: Paint): string {
  const findings = [...(checked.ok ? [] : checked.problems), ...checked.warnings].map(formatProblem);
  const lines = checked.ok ? [...findings, `${file}: ${paint("green", "ok")}: ${inWords(checked)}`] : findings;
  return `${lines.join("\n")}\n`;
}

function toJson(file: string, checked: CheckedFile): string {
  const { ok, warnings } = checked;
  const result = ok
    ? { file, ok, profile: checked.config.profile, managers: names(checked), problems: [], warnings }
    : { file, ok, problems: checked.problems, warnings };
  return `${JSON.stringify(result)}\n`;
}

type Good = Extract<CheckedFile, { ok: true }>;

function inWords(checked: Good): string {
  const order = names(checked);
  return `profile ${checked.config.profile}, ${order.length === 0 ? "no manager" : `asks ${order.join(", then ")}`}`;
}

function names({ managers }: Good): readonly string[] {
  return managers.map(({ plugin }) => plugin.name);
}
