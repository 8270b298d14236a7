import type { Command } from "../../command.ts";
import { CONFIG, OWN_NAMESPACE, outputFlag } from "../shared-flags.ts";

export const manifest: Command = {
  name: "manifest",
  summary: "Print the registration.",
  description: [
    "Prints the MutatingWebhookConfiguration that `serve` would make of this configuration, for those who apply it by other means, as with GitOps. Asks no API server. A webhook that is not to touch it has no section `registration`, or is started with --no-register.",
    "Without --ca-file it holds no CA bundle: cert-manager's cainjector, or whoever applies it, has to put one there.",
  ],
  flags: [
    CONFIG,
    {
      ...OWN_NAMESPACE,
      default: "`kubernetes.namespace` of the configuration, else the env var POD_NAMESPACE",
      summary: "Namespace of the webhook's Service.",
    },
    { name: "ca-file", value: "FILE", summary: "The CAs that the API server is to trust, in PEM." },
    outputFlag(["yaml", "json"], "The form of the object."),
  ],
  examples: [
    {
      command: "pod-secrets manifest --config config.yaml --namespace flyte --ca-file ca.crt | kubectl apply -f -",
      summary: "Register without the webhook's doing.",
    },
  ],
  exits: ["done", "misuse"],
  load: () => import("./manifest.ts"),
};
