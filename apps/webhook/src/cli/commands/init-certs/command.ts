import type { Command } from "../../command.ts";
import { CONFIG, OWN_NAMESPACE, KUBECONFIG, NAMESPACE_OF_CLUSTER } from "../shared-flags.ts";

export const initCerts: Command = {
  name: "init-certs",
  summary: "Make a certificate, if there is none that can be served.",
  description: [
    "Reads the Secret of the certificate, and keeps what is there when it can be served: certificate, key and CA belong together, it is valid under the names of the Service, and more than a third of its life is left. Otherwise it makes a new one and goes on trusting the CA before it. Labels, annotations and other keys of the Secret stay. Any number of these commands may run at once.",
    "With a managed certificate (`server.certificates` is a mapping) the webhook does this by itself, and --force starts a rotation: running replicas take up the new certificate without an interruption.",
  ],
  flags: [
    CONFIG,
    {
      ...OWN_NAMESPACE,
      default: `${NAMESPACE_OF_CLUSTER}; with --directory it must be given by one of the first three`,
    },
    KUBECONFIG,
    {
      name: "directory",
      value: "DIR",
      summary:
        "Make ca.crt, tls.crt and tls.key in DIR instead, and ask no API server. Files that have to make way are kept, with the time at the end of their names.",
    },
    { name: "force", summary: "Make a new one, also when what is there is good." },
  ],
  examples: [
    { command: "pod-secrets init-certs --config config.yaml", summary: "In a Job or an init container." },
    { command: "pod-secrets init-certs --config config.yaml --force", summary: "Rotate now." },
    {
      command: "pod-secrets init-certs --config config.yaml --namespace flyte --directory certs",
      summary: "Without a cluster.",
    },
  ],
  exits: ["done", "misuse", "certificate", "kubeconfig", "unreachable", "forbidden", "kubernetes"],
  load: () => import("./init-certs.ts"),
};
