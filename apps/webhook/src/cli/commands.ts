/**
 * The commands and their flags, declared once: parsing, `--help` and `docs/cli.md` are drawn from this table.
 * Each command's code is loaded when it runs.
 */
import { PROFILES } from "@pod-secrets/core";

import type { Command, Flag, Positionals } from "./command.ts";

const CONFIG: Flag = {
  name: "config",
  short: "c",
  value: "FILE",
  default: "global secrets, then Kubernetes Secrets",
  summary: "The configuration: our format, or Flyte's YAML as it is. A directory or a pattern joins several files.",
};

const PROFILE: Flag = {
  name: "profile",
  value: "PROFILE",
  choices: Object.keys(PROFILES),
  default: "that of the configuration, else flyte-v1",
  summary: "The Flyte generation whose names and order hold.",
};

const NAMESPACE: Flag = {
  name: "namespace",
  short: "n",
  value: "NS",
  default: "default",
  summary: "Namespace of the pods that name none.",
};

const OWN_NAMESPACE = {
  name: "namespace",
  short: "n",
  value: "NS",
  summary: "Namespace of the webhook: of its Service, and of its Secret.",
} as const;

const KUBECONFIG: Flag = {
  name: "kubeconfig",
  value: "FILE",
  default:
    "`kubernetes.kubeconfig` of the configuration, else the env var KUBECONFIG, else in a pod its service account, else ~/.kube/config",
  summary: "The way to the API server.",
};

/** What counts where the API server is asked, in this order (`openKubernetes`). */
const NAMESPACE_OF_CLUSTER =
  "`kubernetes.namespace` of the configuration, else the env var POD_NAMESPACE, else that of the service account or of the kubeconfig's context, else default";

const PODS: Positionals = {
  value: "FILE",
  min: 1,
  summary: "YAML with one or several documents, JSON, JSON lines or a List. `-` is standard input.",
};

/** Of the commands that answer without a server. */
const OFFLINE = "Global secrets are those of this shell's env vars and this machine's files, not those of the cluster.";

/** Every command, in the order of the help. */
export const COMMANDS: readonly Command[] = [
  {
    name: "serve",
    summary: "Run the webhook.",
    description: [
      "Serves admission reviews over HTTPS, and /healthz, /readyz and /metrics on a plain port of their own.",
      "The log goes to standard output, one JSON object per line. SIGTERM drains and ends; a changed configuration or certificate is taken up while it runs, and a wrong one leaves the last good one in place.",
    ],
    flags: [
      CONFIG,
      PROFILE,
      {
        name: "host",
        value: "ADDRESS",
        default: "that of the configuration, else 0.0.0.0; with --self-signed else 127.0.0.1",
        summary: "Address of both ports.",
      },
      {
        name: "port",
        value: "PORT",
        default: "that of the configuration",
        summary: "Port of the webhook; 0 takes a free one.",
      },
      {
        name: "operations-port",
        value: "PORT",
        default: "that of the configuration",
        summary: "Port of /healthz, /readyz and /metrics; 0 takes a free one.",
      },
      {
        name: "certificates",
        value: "DIR",
        default: "that of the configuration",
        summary: "Directory of tls.crt and tls.key.",
      },
      { name: "self-signed", summary: "Make a certificate for localhost, for trying out on this machine." },
      { name: "ca-file", value: "FILE", summary: "With --self-signed: write the certificate of its CA to FILE." },
      {
        name: "no-register",
        summary: "Do not register with the API server, whatever the configuration says; nor does --self-signed.",
      },
      {
        name: "log-level",
        value: "LEVEL",
        choices: ["debug", "info", "warn", "error"],
        default: "that of the configuration",
        summary: "The least level that is logged.",
      },
    ],
    examples: [
      { command: "pod-secrets serve --config config.yaml", summary: "Serve as in a cluster." },
      {
        command: "pod-secrets serve --self-signed --ca-file ca.crt --port 9443",
        summary: "Try it on this machine.",
      },
    ],
    exits: ["done", "misuse", "certificate", "port", "kubeconfig", "forbidden", "kubernetes", "owner"],
    load: () => import("./commands/serve.ts"),
  },
  {
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
    load: () => import("./commands/init-certs.ts"),
  },
  {
    name: "manifest",
    summary: "Print the registration.",
    description: [
      "Prints the MutatingWebhookConfiguration that `serve` would make of this configuration, for those who apply it by other means, as with GitOps. Asks no API server. A webhook that is not to touch it has no section `registration`, or is started with --no-register.",
      "Without --ca-file it holds no CA bundle: cert-manager's cainjector, or whoever applies it, has to put one there.",
    ],
    flags: [
      CONFIG,
      {
        name: "namespace",
        short: "n",
        value: "NS",
        default: "`kubernetes.namespace` of the configuration, else the env var POD_NAMESPACE",
        summary: "Namespace of the webhook's Service.",
      },
      { name: "ca-file", value: "FILE", summary: "The CAs that the API server is to trust, in PEM." },
      {
        name: "output",
        short: "o",
        value: "FORMAT",
        choices: ["yaml", "json"],
        default: "yaml",
        summary: "The form of the object.",
      },
    ],
    examples: [
      {
        command: "pod-secrets manifest --config config.yaml --namespace flyte --ca-file ca.crt | kubectl apply -f -",
        summary: "Register without the webhook's doing.",
      },
    ],
    exits: ["done", "misuse"],
    load: () => import("./commands/manifest.ts"),
  },
  {
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
    load: () => import("./commands/unregister.ts"),
  },
  {
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
      {
        name: "output",
        short: "o",
        value: "FORMAT",
        choices: ["yaml", "json", "patch", "diff"],
        default: "yaml",
        summary:
          "yaml: the input's documents, with comments and order kept. json: one object per line and pod. patch: one JSON Patch per line and pod. diff: what changes, for reading.",
      },
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
    load: () => import("./commands/inject.ts"),
  },
  {
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
      {
        name: "output",
        short: "o",
        value: "FORMAT",
        choices: ["text", "json"],
        default: "text",
        summary: "text: for reading. json: the record, one object per line and pod.",
      },
    ],
    positionals: PODS,
    examples: [
      {
        command: "pod-secrets explain --config config.yaml pod.yaml",
        summary: "Why does my task not find its secret?",
      },
    ],
    exits: ["done", "refused", "misuse"],
    load: () => import("./commands/explain.ts"),
  },
  {
    name: "validate",
    summary: "Check configuration files.",
    description: ["Names every problem at once, with line, column and how to mend it."],
    flags: [
      {
        name: "output",
        short: "o",
        value: "FORMAT",
        choices: ["text", "json"],
        default: "text",
        summary: "text: one line per problem. json: one object per file and line.",
      },
    ],
    positionals: { value: "FILE", min: 1, summary: "Configuration files: our format, or Flyte's YAML." },
    examples: [{ command: "pod-secrets validate config.yaml", summary: "Check before a roll-out." }],
    exits: ["done", "misuse"],
    load: () => import("./commands/validate.ts"),
  },
  {
    name: "injectors",
    summary: "List the secret managers that can be configured.",
    description: ["Shows what each manager is for, what group and key mean to it, and what it can give."],
    flags: [
      { ...CONFIG, summary: "Show the managers of this configuration too, also those from other packages." },
      {
        name: "output",
        short: "o",
        value: "FORMAT",
        choices: ["text", "json"],
        default: "text",
        summary: "text: a table. json: one object per line and manager.",
      },
    ],
    examples: [{ command: "pod-secrets injectors", summary: "What can stand in `managers:`?" }],
    exits: ["done", "misuse"],
    load: () => import("./commands/injectors.ts"),
  },
];
