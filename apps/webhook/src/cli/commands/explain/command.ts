import type { Command } from "../../command.ts";
import { CONFIG, PROFILE, NAMESPACE, PODS, OFFLINE, outputFlag } from "../shared-flags.ts";

export const explain: Command = {
  name: "explain",
  summary: "Say what becomes of each secret of a pod, and why.",
  description: [
    "Names, per secret, the managers that were asked, what each said, and what changed where. Never a value.",
    OFFLINE,
  ],
  flags: [
    CONFIG,
    PROFILE,
    NAMESPACE,
    outputFlag(["text", "json"], "text: for reading. json: the record, one object per line and pod."),
  ],
  positionals: PODS,
  examples: [
    {
      command: "pod-secrets explain --config config.yaml pod.yaml",
      summary: "Why does my task not find its secret?",
    },
  ],
  exits: ["done", "refused", "misuse"],
  load: () => import("./explain.ts"),
};
