import type { Command } from "../../command.ts";
import { CONFIG, OWN_NAMESPACE, KUBECONFIG, NAMESPACE_OF_CLUSTER } from "../shared-flags.ts";

export const unregister: Command = {
  name: "unregister",
  summary: "Remove the registration, so that pods are created without the webhook.",
  description: [
    "For the end of an installation: pods must not be refused because their webhook is on its way out. Empties the registration first, so that it calls nobody, and marks it, so that running replicas do not put it back; then deletes it. One that is not there is fine; one of another installation is left alone.",
    "Replicas that run now do not register any more; a replica that is started afterwards does. The way back is to restart the webhook, as by `kubectl rollout restart` of its Deployment.",
  ],
  flags: [
    CONFIG,
    { ...OWN_NAMESPACE, default: NAMESPACE_OF_CLUSTER },
    KUBECONFIG,
    {
      name: "wait",
      value: "SECONDS",
      default: "5",
      summary: "How long running replicas have to see the mark.",
    },
    {
      name: "if-ours",
      summary: "End with 0 also when the registration belongs to another installation, and so stays.",
    },
  ],
  examples: [
    { command: "pod-secrets unregister --config config.yaml", summary: "Before the Deployment is deleted." },
    {
      command: "pod-secrets unregister --config config.yaml --kubeconfig admin.yaml --namespace flyte",
      summary: "From outside of the cluster.",
    },
  ],
  exits: ["done", "misuse", "kubeconfig", "unreachable", "forbidden", "kubernetes", "owner"],
  load: () => import("./unregister.ts"),
};
