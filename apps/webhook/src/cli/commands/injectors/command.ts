import type { Command } from "../../command.ts";
import { CONFIG, outputFlag } from "../shared-flags.ts";

export const injectors: Command = {
  name: "injectors",
  summary: "List the secret managers that can be configured.",
  description: ["Shows what each manager is for, what group and key mean to it, and what it can give."],
  flags: [
    { ...CONFIG, summary: "Show the managers of this configuration too, also those from other packages." },
    outputFlag(["text", "json"], "text: a table. json: one object per line and manager."),
  ],
  examples: [{ command: "pod-secrets injectors", summary: "What can stand in `managers:`?" }],
  exits: ["done", "misuse"],
  load: () => import("./injectors.ts"),
};
