import type { Command } from "../../command.ts";
import { outputFlag } from "../shared-flags.ts";

export const validate: Command = {
  name: "validate",
  summary: "Check configuration files.",
  description: ["Names every problem at once, with line, column and how to mend it."],
  flags: [outputFlag(["text", "json"], "text: one line per problem. json: one object per file and line.")],
  positionals: { value: "FILE", min: 1, summary: "Configuration files: our format, or Flyte's YAML." },
  examples: [{ command: "pod-secrets validate config.yaml", summary: "Check before a roll-out." }],
  exits: ["done", "misuse"],
  load: () => import("./validate.ts"),
};
