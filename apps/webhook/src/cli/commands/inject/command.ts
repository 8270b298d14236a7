import type { Command } from "../../command.ts";
import { CONFIG, PROFILE, NAMESPACE, PODS, OFFLINE, outputFlag } from "../shared-flags.ts";

export const inject: Command = {
  name: "inject",
  summary: "Give pods their secrets, offline.",
  description: [
    "Reads pods and writes them as the webhook would change them, by the same code and without a cluster.",
    "Only pods are changed. Other kinds pass through as they are, with a note: the webhook changes the pods that a Deployment or Job makes, not the template in it. A refused pod is left out, and its refusal goes to standard error; all others are written.",
    OFFLINE,
  ],
  flags: [
    CONFIG,
    PROFILE,
    NAMESPACE,
    outputFlag(
      ["yaml", "json", "patch", "diff"],
      "yaml: the input's documents, with comments and order kept. json: one object per line and pod. patch: one JSON Patch per line and pod. diff: what changes, for reading.",
    ),
    {
      name: "review",
      summary:
        "The input is AdmissionReview objects, as the API server sends them; the output is the answers, one per line.",
    },
  ],
  positionals: PODS,
  examples: [
    { command: "pod-secrets inject pod.yaml", summary: "The pod with its secrets." },
    {
      command: "pod-secrets inject -o diff --config config.yaml pod.yaml",
      summary: "What the webhook would change.",
    },
    {
      command: "kubectl get pods -o json | pod-secrets inject -o patch -",
      summary: "The JSON Patch of each pod of a namespace.",
    },
    { command: "pod-secrets inject --review reviews.jsonl", summary: "Answer recorded admission reviews." },
  ],
  exits: ["done", "refused", "misuse"],
  load: () => import("./inject.ts"),
};
